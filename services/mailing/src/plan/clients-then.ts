import type { MailingFilter } from '@herald/contracts';
import { type RawBuilder, sql } from 'kysely';
import { audienceCondition } from './audience-condition.ts';

/** That a row of `client` is of a position or before. */
export const isThen = (position: number): RawBuilder<boolean> => sql`position <= ${position}`;
/** That a row of `client_before` holds a position. */
export const wasThen = (position: number): RawBuilder<boolean> =>
  sql`from_position <= ${position} and until_position > ${position}`;

/** The clients that a filter means, with their zones, as of a position for which the rows before changes are kept. */
export function audienceThen(filter: MailingFilter, position: number): RawBuilder<unknown> {
  const all = (table: string, condition: RawBuilder<boolean>): RawBuilder<unknown> => sql`
    select id, timezone from ${sql.table(table)} where ${condition} and ${audienceCondition(filter)}`;
  return sql`${all('client', isThen(position))} union all ${all('client_before', wasThen(position))}`;
}
