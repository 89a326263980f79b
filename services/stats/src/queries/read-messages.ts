import { BATCH_SIZE, type MessageStatus } from '@herald/contracts';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ERROR_BIT, OUTCOME_BYTES, STATUS_BITS } from '../database/batch-outcomes.ts';
import { numberOf } from '../database/statuses.ts';
import type { Tables } from '../database/tables.ts';
import type { MessageRow } from './message-row.ts';

/** Which messages are read. */
export interface Wanted {
  readonly firstId: number;
  readonly lastId?: number | undefined;
  readonly mailingId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly limit: number;
}

type Condition = RawBuilder<unknown>;

/**
 * Reads messages in the order of their ids. Batches are gone through in that order as well, and only those that may hold
 * a wanted message, until there are enough.
 */
export async function readMessages(database: Kysely<Tables>, wanted: Wanted): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select b.first_message_id + m.place - 1 as id, b.mailing_id, m.client_id, b.batch, b.queued_sequence, b.created_at,
      substring(o.outcomes from ${OFFSET} + 1 for ${sql.lit(OUTCOME_BYTES)}) as outcome,
      case when get_byte(o.outcomes, ${OFFSET}) & ${sql.lit(ERROR_BIT)} <> 0 then
        (select e.error from message_error e where e.message_id = b.first_message_id + m.place - 1) end as error
    from batch b
    left join lateral (
      select * from batch_outcomes o where o.first_message_id = b.first_message_id offset 0
    ) o on true
    cross join lateral unnest(b.client_ids) with ordinality as m (client_id, place)
    where ${sql.join([...ofBatch(wanted), ...ofMessage(wanted)], sql` and `)}
    order by b.first_message_id, m.place limit ${wanted.limit}`.execute(database);
  return rows;
}

/** Where in a batch's outcomes the bytes of the message begin. */
const OFFSET = sql`(m.place - 1)::int * ${sql.lit(OUTCOME_BYTES)}`;

/** What a batch must fulfil to hold a wanted message, by what is indexed or cheap to read. */
function ofBatch({ firstId, lastId, mailingId, clientId, status }: Wanted): Condition[] {
  return [
    sql`b.first_message_id > ${firstId - BATCH_SIZE}::bigint`,
    ...(lastId === undefined ? [] : [sql`b.first_message_id <= ${lastId}::bigint`]),
    ...(mailingId === undefined ? [] : [sql`b.mailing_id = ${mailingId}::uuid`]),
    ...(clientId === undefined ? [] : [sql`b.client_ids @> array[${clientId}::uuid]`]),
    ...(status === undefined
      ? []
      : [sql`coalesce(${sql.ref(`o.${status}`)}, ${status === 'queued' ? sql`b.messages` : sql`0`}) > 0`]),
  ];
}

function ofMessage({ firstId, lastId, clientId, status }: Wanted): Condition[] {
  const id = sql`b.first_message_id + m.place - 1`;
  const number = sql`coalesce(get_byte(o.outcomes, ${OFFSET}) & ${sql.lit(STATUS_BITS)}, ${sql.lit(numberOf('queued'))})`;
  return [
    sql`${id} >= ${firstId}::bigint`,
    ...(lastId === undefined ? [] : [sql`${id} <= ${lastId}::bigint`]),
    ...(clientId === undefined ? [] : [sql`m.client_id = ${clientId}::uuid`]),
    ...(status === undefined ? [] : [sql`${number} = ${sql.lit(numberOf(status))}`]),
  ];
}
