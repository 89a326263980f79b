import { type Kysely, sql } from 'kysely';
import { ERROR_BIT, OUTCOME_BYTES, STATUS_BITS } from '../database/batch-outcomes.ts';
import { numberOf } from '../database/statuses.ts';
import type { Tables } from '../database/tables.ts';
import { type Candidate, candidatesOf, type Wanted } from './candidate-batches.ts';
import type { MessageRow } from './message-row.ts';

/**
 * Reads messages in the order of their ids. First are asked, by what is indexed, the batches that may hold some; then
 * their messages, of no more batches than are needed. In one statement the planner would unfold a whole mailing
 * where it has no statistics yet: 500 ms instead of 5 for a page of a mailing to 600,000 (docs/adr/0036).
 */
export async function readMessages(database: Kysely<Tables>, wanted: Wanted): Promise<MessageRow[]> {
  const found: MessageRow[] = [];
  let { firstId } = wanted;
  while (found.length < wanted.limit) {
    const rest = { ...wanted, firstId, limit: wanted.limit - found.length };
    const most = Math.max(rest.limit, FEWEST_CANDIDATES);
    const candidates = await readCandidates(database, rest, most);
    const chosen = enough(candidates, rest.limit);
    const last = chosen.at(-1);
    if (last === undefined) break;
    found.push(...(await readFrom(database, rest, chosen)));
    if (chosen.length === candidates.length && candidates.length < most) break;
    firstId = last.first_message_id + last.messages;
  }
  return found;
}

/** So many are asked for at least: where a candidate may hold no message that is wanted, a short page is no reason for many rounds. */
const FEWEST_CANDIDATES = 100;

/** The batches that come first, in the order of their ids. */
async function readCandidates(database: Kysely<Tables>, wanted: Wanted, most: number): Promise<Candidate[]> {
  const { rows } = await candidatesOf(wanted, most).execute(database);
  // Of the first the page before has shown a part.
  return rows.map((row) => (row.first_message_id < wanted.firstId ? { ...row, wanted: 0 } : row));
}

/** As many of the candidates as hold so many messages; all of them where that is not sure. */
function enough(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  let sum = 0;
  const index = candidates.findIndex(({ wanted }) => {
    sum += wanted;
    return sum >= limit;
  });
  return index === -1 ? candidates : candidates.slice(0, index + 1);
}

/** Where in a batch's outcomes the bytes of the message begin. */
const OFFSET = sql`(m.place - 1)::int * ${sql.lit(OUTCOME_BYTES)}`;

/** The wanted messages of some batches. */
async function readFrom(
  database: Kysely<Tables>,
  { firstId, lastId, clientId, status, limit }: Wanted,
  batches: readonly Candidate[],
): Promise<MessageRow[]> {
  const id = sql`b.first_message_id + m.place - 1`;
  const number = sql`coalesce(get_byte(o.outcomes, ${OFFSET}) & ${sql.lit(STATUS_BITS)}, ${sql.lit(numberOf('queued'))})`;
  const conditions = [
    sql`${id} >= ${firstId}::bigint`,
    ...(lastId === undefined ? [] : [sql`${id} <= ${lastId}::bigint`]),
    ...(clientId === undefined ? [] : [sql`m.client_id = ${clientId}::uuid`]),
    ...(status === undefined ? [] : [sql`${number} = ${sql.lit(numberOf(status))}`]),
  ];
  // The second "offset 0" takes a message's bytes out of its batch's before the rows are sorted.
  const { rows } = await sql<MessageRow>`
    select ${id} as id, b.mailing_id, m.client_id, b.batch, b.timezone, b.queued_sequence, b.created_at, m.outcome,
      case when get_byte(m.outcome, 0) & ${sql.lit(ERROR_BIT)} <> 0 then
        (select e.error from message_error e where e.message_id = ${id}) end as error
    from queued_batch b
    left join lateral (
      select nullif(outcomes, '') as outcomes from batch_outcomes o
      where o.first_message_id = b.first_message_id offset 0
    ) o on true
    cross join lateral (
      select m.client_id, m.place, substring(o.outcomes from ${OFFSET} + 1 for ${sql.lit(OUTCOME_BYTES)}) as outcome
      from unnest(b.client_ids) with ordinality as m (client_id, place)
      where ${sql.join(conditions, sql` and `)} offset 0
    ) m
    where b.first_message_id = any(${batches.map((batch) => batch.first_message_id)}::bigint[])
    order by id limit ${limit}`.execute(database);
  return rows;
}
