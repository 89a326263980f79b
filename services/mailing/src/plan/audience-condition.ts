import type { MailingFilter } from '@herald/contracts';
import { type RawBuilder, sql } from 'kysely';

/** The condition on `client` that a filter means: the code is among the codes, if given, and the tag among the tags. */
export function audienceCondition(filter: MailingFilter): RawBuilder<boolean> {
  if ('everyone' in filter) return sql<boolean>`true`;
  const code =
    filter.operatorCodes === undefined
      ? sql`true`
      : sql`operator_code = any(${filter.operatorCodes}::text[])`;
  const tag = filter.tags === undefined ? sql`true` : sql`tag = any(${filter.tags}::text[])`;
  return sql<boolean>`(${code} and ${tag})`;
}
