import type { MailingFilter, Refusal } from '@herald/contracts';
import { refuse } from '../decision.ts';
import { readLabel } from '../label.ts';

type Given = { readonly name?: string | null | undefined; readonly filter?: MailingFilter | undefined };

/** The labels of a mailing as they are stored, whoever wrote the command: its filter finds the tags of clients. */
export function canonicalMailing<Attributes extends Given>(
  given: Attributes,
):
  | { readonly kind: 'canonical'; readonly attributes: Attributes }
  | { readonly kind: 'refused'; readonly refusal: Refusal } {
  let attributes = given;
  if (given.name !== undefined && given.name !== null) {
    const name = readLabel(given.name);
    if (name.kind === 'faulty') return refuse({ code: 'label-invalid', field: 'name', reason: name.fault });
    attributes = { ...attributes, name: name.label };
  }
  const { filter } = given;
  if (filter === undefined || 'everyone' in filter || filter.tags === undefined) {
    return { kind: 'canonical', attributes };
  }
  const tags: string[] = [];
  for (const [index, tag] of filter.tags.entries()) {
    const reading = readLabel(tag);
    if (reading.kind === 'faulty') {
      return refuse({ code: 'label-invalid', field: `filter/tags/${index}`, reason: reading.fault });
    }
    tags.push(reading.label);
  }
  return { kind: 'canonical', attributes: { ...attributes, filter: { ...filter, tags } } };
}
