import { BATCH_SIZE, type MessageStatus } from '@herald/contracts';
import { type RawBuilder, sql } from 'kysely';

/** Which messages are read. */
export interface Wanted {
  readonly firstId: number;
  readonly lastId?: number | undefined;
  readonly mailingId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly status?: MessageStatus | undefined;
  /** How many at the most. */
  readonly limit: number;
}

/** A batch that may hold wanted messages. */
export interface Candidate {
  readonly first_message_id: number;
  readonly messages: number;
  /** How many of them it holds at least, as far as the columns of the batch tell. */
  readonly wanted: number;
}

type Condition = RawBuilder<unknown>;

/**
 * Finds the batches that come first, in the order of their ids. Whichever is given and leaves fewest is asked by its index,
 * before anything else is looked at.
 *
 * @param most how many at the most
 */
export function candidatesOf(wanted: Wanted, most: number): RawBuilder<Candidate> {
  const { clientId, status } = wanted;
  if (clientId !== undefined) return ofClient(wanted, clientId, most);
  if (status !== undefined) return ofStatus(wanted, status, most);
  return sql`
    select b.first_message_id, b.messages, b.messages as wanted from queued_batch b
    where ${conditionsOf(wanted, sql`b.first_message_id`)} order by b.first_message_id limit ${most}`;
}

/**
 * The batches of a client are all read, and sorted. The planner takes any id for one in 200, and would rather walk through
 * the batches in their order until it has met as many as are wanted: through all of them.
 */
function ofClient(wanted: Wanted, clientId: string, most: number): RawBuilder<Candidate> {
  const { status } = wanted;
  const hasStatus =
    status === undefined
      ? sql`true`
      : sql`exists (
          select from batch_outcomes o where o.first_message_id = b.first_message_id and ${has(status)} offset 0)`;
  return sql`
    with b as materialized (
      select mailing_id, first_message_id, messages from queued_batch where client_ids @> array[${clientId}::uuid]
    )
    select b.first_message_id, b.messages, ${status === undefined ? 1 : 0}::int as wanted from b
    where ${conditionsOf(wanted, sql`b.first_message_id`)} and ${hasStatus}
    order by b.first_message_id limit ${most}`;
}

/** The batches that hold messages of a status, by the index of those that do: few, or none, of 40,000 may. */
function ofStatus(wanted: Wanted, status: MessageStatus, most: number): RawBuilder<Candidate> {
  const { mailingId } = wanted;
  const edge = (which: 'min' | 'max'): Condition => sql`
    (select ${sql.raw(which)}(first_message_id) from queued_batch where mailing_id = ${mailingId}::uuid)`;
  const inMailing =
    mailingId === undefined
      ? sql`true`
      : sql`o.first_message_id >= ${edge('min')} and o.first_message_id <= ${edge('max')}`;
  return sql`
    select o.first_message_id, b.messages, ${sql.ref(`o.${status}`)} as wanted from batch_outcomes o
    cross join lateral (
      select mailing_id, messages from queued_batch b where b.first_message_id = o.first_message_id offset 0
    ) b
    where ${has(status)} and ${inMailing} and ${conditionsOf(wanted, sql`o.first_message_id`)}
    order by o.first_message_id limit ${most}`;
}

const has = (status: MessageStatus): Condition => sql.ref(`o.has_${status}`);

/** @param id the first message's id of a batch, as it is indexed */
function conditionsOf({ firstId, lastId, mailingId }: Wanted, id: Condition): Condition {
  const conditions = [
    sql`${id} > ${firstId - BATCH_SIZE}::bigint`,
    sql`${id} + b.messages > ${firstId}::bigint`,
    ...(lastId === undefined ? [] : [sql`${id} <= ${lastId}::bigint`]),
    ...(mailingId === undefined ? [] : [sql`b.mailing_id = ${mailingId}::uuid`]),
  ];
  return sql.join(conditions, sql` and `);
}
