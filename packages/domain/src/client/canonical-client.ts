import type { Refusal } from '@herald/contracts';
import { refuse } from '../decision.ts';
import { readLabel } from '../label.ts';
import { canonicalTimezone } from '../timezone.ts';

type Given = { readonly timezone?: string | undefined; readonly tag?: string | null | undefined };

/** The attributes of a client as they are stored, whoever wrote the command; what is absent stays absent. */
export function canonicalClient<Attributes extends Given>(
  given: Attributes,
):
  | { readonly kind: 'canonical'; readonly attributes: Attributes }
  | { readonly kind: 'refused'; readonly refusal: Refusal } {
  let attributes = given;
  if (given.timezone !== undefined) {
    const timezone = canonicalTimezone(given.timezone);
    if (timezone === null) return refuse({ code: 'timezone-invalid', timezone: given.timezone });
    attributes = { ...attributes, timezone };
  }
  if (given.tag !== undefined && given.tag !== null) {
    const tag = readLabel(given.tag);
    if (tag.kind === 'faulty') return refuse({ code: 'label-invalid', field: 'tag', reason: tag.fault });
    attributes = { ...attributes, tag: tag.label };
  }
  return { kind: 'canonical', attributes };
}
