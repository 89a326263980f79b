import { type RawBuilder, sql } from 'kysely';

/** What is compared of two generations. */
export interface Scope {
  /** Both have folded everything up to here. */
  readonly position: number;
  /**
   * `before`: what does not change any more, of everything. `open`: the rest, of the mailings that may still change and those
   * that became known since.
   */
  readonly part: 'before' | 'open';
}

/** Rows of two columns or more: the mailing (null where it is about none), and named values that must agree. */
export interface Aspect {
  readonly columns: readonly string[];
  /** @param table names a table of the generation */
  readonly rows: (table: (name: string) => RawBuilder<unknown>, scope: Scope) => RawBuilder<unknown>;
}

/** The order of rows does not matter to their sum, so nothing is sorted. */
const checksum = (row: string): RawBuilder<unknown> =>
  sql`count(*) || ' rows, ' || to_hex(mod(sum(hashtextextended(${sql.raw(row)}, 0)::numeric), 9223372036854775807)::bigint)`;

/** Mailings that may change: they are few, and each of their rows is found by an index. */
const openMailings = (table: (name: string) => RawBuilder<unknown>, { position }: Scope) => sql`
  select id from ${table('mailing')} where not settled or sequence > ${position}::bigint`;

/** Of what is written once, and says where it stands in the log. */
function byPosition(
  table: (name: string) => RawBuilder<unknown>,
  name: string,
  column: string,
  row: string,
  scope: Scope,
): RawBuilder<unknown> {
  const position = sql`${sql.ref(column)}`;
  const limits =
    scope.part === 'before'
      ? sql`${position} <= ${scope.position}::bigint`
      : sql`${position} > ${scope.position}::bigint and mailing_id in (${openMailings(table, scope)})`;
  return sql`select mailing_id, ${checksum(row)} as value from ${table(name)} where ${limits} group by mailing_id`;
}

/** Of the mailings whose counts change no more, or of those whose counts may. */
const ofMailings = (
  table: (name: string) => RawBuilder<unknown>,
  scope: Scope,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  scope.part === 'before'
    ? sql`${id} in (select id from ${table('mailing')} where settled and sequence <= ${scope.position}::bigint)`
    : sql`${id} in (${openMailings(table, scope)})`;

const COUNTS = ['queued', 'sent', 'failed', 'expired', 'cancelled', 'unknown', 'retries'];
const MAILING = [
  'name',
  'status',
  'created_at',
  'audience_messages',
  'settled',
  'sequence',
  'started_sequence',
];

/** A batch whose messages have all ended, and had before the position, is what it will always be. */
const isComplete = ({ position }: Scope): RawBuilder<unknown> =>
  sql`(o.queued = 0 and o.changed_at <= ${position}::bigint)`;

/** Batches with what became of their messages, of one part. */
const batches = (table: (name: string) => RawBuilder<unknown>, scope: Scope): RawBuilder<unknown> => sql`
  ${table('queued_batch')} b left join ${table('batch_outcomes')} o using (first_message_id)
  where ${
    scope.part === 'before'
      ? isComplete(scope)
      : sql`${isComplete(scope)} is not true and b.mailing_id in (${openMailings(table, scope)})`
  }`;

export const aspects: readonly Aspect[] = [
  {
    columns: MAILING,
    rows: (table, scope) => sql`
      select id as mailing_id, ${sql.raw(MAILING.map((column) => `${column}::text`).join(', '))}
      from ${table('mailing')} where ${ofMailings(table, scope, sql`id`)}`,
  },
  {
    columns: [...COUNTS, 'first_sent_at', 'last_sent_at'],
    rows: (table, scope) => sql`
      select mailing_id, ${sql.raw(COUNTS.map((column) => `sum(${column})::text as ${column}`).join(', '))},
        min(first_sent_at)::text as first_sent_at, max(last_sent_at)::text as last_sent_at
      from ${table('counter')} where ${ofMailings(table, scope, sql`mailing_id`)} group by mailing_id`,
  },
  {
    columns: ['timeline'],
    rows: (table, scope) => sql`
      select mailing_id, ${checksum("concat_ws(' ', bin, width, sent, failed, expired, cancelled, unknown)")} as timeline
      from (
        select mailing_id, bin, width, sum(sent) as sent, sum(failed) as failed, sum(expired) as expired,
          sum(cancelled) as cancelled, sum(unknown) as unknown
        from ${table('timeline')} where ${ofMailings(table, scope, sql`mailing_id`)} group by mailing_id, bin, width
      ) bins group by mailing_id`,
  },
  {
    columns: ['past'],
    rows: (table, scope) => sql`
      select mailing_id, value as past from (${byPosition(table, 'count_change', 'sequence', 'count_change::text', scope)}) c`,
  },
  {
    columns: ['events'],
    rows: (table, scope) => sql`
      select mailing_id, value as events
      from (${byPosition(table, 'mailing_version', 'sequence', 'mailing_version::text', scope)}) v`,
  },
  {
    columns: ['audience'],
    rows: (table, scope) => sql`
      select mailing_id, value as audience
      from (${byPosition(table, 'queued_batch', 'queued_sequence', 'queued_batch::text', scope)}) b`,
  },
  {
    columns: ['messages'],
    rows: (table, scope) => sql`
      select mailing_id, ${checksum(
        "concat_ws(' ', b.batch, o.queued, o.sent, o.failed, o.expired, o.cancelled, o.unknown, o.changed_at, encode(o.outcomes, 'hex'))",
      )} as messages
      from ${batches(table, scope)} group by mailing_id`,
  },
  {
    columns: ['errors'],
    rows: (table, scope) => sql`
      select mailing_id, ${checksum('e::text')} as errors
      from (select b.mailing_id, b.first_message_id, b.messages from ${batches(table, scope)}) b
      join ${table('message_error')} e
        on e.message_id >= b.first_message_id and e.message_id < b.first_message_id + b.messages
      group by mailing_id`,
  },
  {
    columns: ['clients'],
    rows: (table, { part, position }) => sql`
      select null::uuid as mailing_id, ${checksum(
        `concat_ws(' ', client_id, sequence, stored_at, operator_code, quote_literal(tag), quote_literal(timezone), removed, superseded_at)`,
      )} as clients
      from ${
        part === 'before'
          ? // By whom it was superseded since, both do not know alike.
            sql`(
              select client_id, sequence, stored_at, operator_code, tag, timezone, removed,
                case when superseded_at <= ${position}::bigint then superseded_at end as superseded_at
              from ${table('client_version')} where sequence <= ${position}::bigint
            ) v`
          : sql`${table('client_version')} where sequence > ${position}::bigint or superseded_at > ${position}::bigint`
      }`,
  },
  {
    columns: ['parked_events'],
    rows: (table, { part, position }) => sql`
      select null::uuid as mailing_id, count(distinct sequence)::text as parked_events from ${table('parked_event')}
      where sequence ${sql.raw(part === 'before' ? '<=' : '>')} ${position}::bigint`,
  },
];
