import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { OUTCOME_BYTES, POSITION_AT, STATUS_BITS } from '../../database/batch-outcomes.ts';
import { statusOf } from '../../database/statuses.ts';
import { Cells } from './cells.ts';

interface Which {
  readonly mailingId: string;
  readonly position: number | null;
  readonly column: 'operator_code' | 'tag';
}

/** An index look-up costs some twenty times what a row costs that is read in passing. */
const LOOK_UP_COST = 20;

/**
 * Counts messages by what their clients were when the mailing started: by what the filter saw, whatever became of the client
 * since. So the planned of each value never change.
 */
export async function countByClient(
  transaction: QueryExecutorProvider,
  { mailingId, position, column }: Which,
): Promise<Cells> {
  const { rows: sizes } = await sql<{ messages: number; versions: number; start: number }>`
    select coalesce(sum(messages), 0)::bigint as messages,
      (select greatest(reltuples, 0)::bigint from pg_class where oid = 'client_version'::regclass) as versions,
      coalesce((select started_sequence from mailing where id = ${mailingId}::uuid), min(queued_sequence), 0) as start
    from queued_batch where mailing_id = ${mailingId}::uuid`.execute(transaction);
  const { messages = 0, versions = 0, start = 0 } = sizes[0] ?? {};
  const value = sql.ref(column);
  const counted =
    messages * LOOK_UP_COST < versions
      ? { isLookedUp: true, rows: lookedUp(value, start) }
      : { isLookedUp: false, rows: joined(value, start) };
  // The planner takes an array for ten elements, and would sort a million messages as if they were forty.
  await sql`
    select set_config('work_mem', '64MB', true), set_config('enable_sort', 'off', true),
      set_config('enable_nestloop', ${counted.isLookedUp ? 'on' : 'off'}, true)`.execute(transaction);
  const { rows } = await sql<{ value: string | null; status: number; messages: number }>`
    with member as materialized (${members(mailingId, position)})
    select value, status, count(*)::bigint as messages from ${counted.rows} group by value, status`.execute(
    transaction,
  );
  const cells = new Cells();
  for (const row of rows) cells.add(row.value, statusOf(row.status), row.messages);
  return cells;
}

/** Each message with its client and the number of its status. Materialized, or a join would carry the bytes of a batch along. */
function members(mailingId: string, position: number | null): RawBuilder<unknown> {
  const offset = sql`(c.place - 1)::int * ${sql.lit(OUTCOME_BYTES)}`;
  const number = sql`coalesce(get_byte(o.outcomes, ${offset}) & ${sql.lit(STATUS_BITS)}, 0)`;
  const changedAt = sql.join(
    Array.from(
      { length: 5 },
      (_, byte) =>
        sql`(get_byte(o.outcomes, ${offset} + ${sql.lit(POSITION_AT + byte)})::bigint << ${sql.lit(8 * (4 - byte))})`,
    ),
    sql` | `,
  );
  const status =
    position === null ? number : sql`case when ${changedAt} <= ${position}::bigint then ${number} else 0 end`;
  const known = position === null ? sql`true` : sql`b.queued_sequence <= ${position}::bigint`;
  return sql`
    select c.client_id, ${status} as status
    from queued_batch b
    left join lateral (
      select nullif(outcomes, '') as outcomes from batch_outcomes o
      where o.first_message_id = b.first_message_id offset 0
    ) o on true
    cross join lateral unnest(b.client_ids) with ordinality as c (client_id, place)
    where b.mailing_id = ${mailingId}::uuid and ${known}`;
}

/** What a client was when the mailing started. */
const inForce = (start: number): RawBuilder<unknown> =>
  sql`sequence <= ${start}::bigint and (superseded_at is null or superseded_at > ${start}::bigint)`;

/** For a mailing that addresses few of many clients: each client is looked up. */
const lookedUp = (value: RawBuilder<unknown>, start: number): RawBuilder<unknown> => sql`
  (select member.status, v.value from member left join lateral (
    select ${value} as value from client_version where client_id = member.client_id and ${inForce(start)} limit 1
  ) v on true) counted`;

/** For one that addresses many: all clients are read once. */
const joined = (value: RawBuilder<unknown>, start: number): RawBuilder<unknown> => sql`
  (select member.status, v.value from member left join (
    select client_id, ${value} as value from client_version where ${inForce(start)}
  ) v using (client_id)) counted`;
