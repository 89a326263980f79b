import { type RawBuilder, sql } from 'kysely';

/** What is compared of two generations. */
export interface Scope {
  /** Both have folded everything up to here. */
  readonly position: number;
  /** `before`: what was not touched behind the position, in neither of them. `since`: the rest, which is what came lately. */
  readonly part: 'before' | 'since';
}

type Sql = RawBuilder<unknown>;
/** Names a table of a generation. */
type Table = (name: string) => Sql;

/** What an aspect is read from. */
export interface Source {
  /** Of the generation. */
  readonly table: Table;
  /** Of both of them: what one has folded behind the position, the other may not have folded yet. */
  readonly both: readonly Table[];
  readonly scope: Scope;
}

/** Rows of two columns or more: the mailing (null where it is about none), and named values that must agree. */
export interface Aspect {
  readonly columns: readonly string[];
  readonly rows: (source: Source) => Sql;
}

/** The order of rows does not matter to their sum, so nothing is sorted. */
const checksum = (row: string): Sql =>
  sql`count(*) || ' rows, ' || to_hex(mod(sum(hashtextextended(${sql.raw(row)}, 0)::numeric), 9223372036854775807)::bigint)`;

const isBehind = ({ position }: Scope): Sql => sql`sequence > ${position}::bigint`;

/** Mailings of which something stands behind the position. Found by indexes: there are few. */
const touchedMailings = ({ both, scope }: Source): Sql =>
  sql.join(
    both.flatMap((table) => [
      sql`select mailing_id from ${table('count_change')} where ${isBehind(scope)}`,
      sql`select mailing_id from ${table('mailing_version')} where ${isBehind(scope)}`,
    ]),
    sql` union `,
  );

/** Batches of which something stands behind the position. */
const touchedBatches = ({ both, scope }: Source): Sql =>
  sql.join(
    both.map((table) => sql`select mailing_id, batch from ${table('count_change')} where ${isBehind(scope)}`),
    sql` union `,
  );

const isOfPart = ({ part }: Scope, touched: Sql): Sql =>
  part === 'since' ? sql`in (${touched})` : sql`not in (${touched})`;

/** Of what is written once, and says where it stands in the log. */
const written = ({ table, scope }: Source, name: string, column: string, value: string): Sql => sql`
  select mailing_id, ${checksum(`${name}::text`)} as ${sql.ref(value)} from ${table(name)}
  where ${sql.ref(column)} ${sql.raw(scope.part === 'before' ? '<=' : '>')} ${scope.position}::bigint group by mailing_id`;

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
const BATCH =
  "concat_ws(' ', b.batch, o.queued, o.sent, o.failed, o.expired, o.cancelled, o.unknown, encode(o.outcomes, 'hex'))";
const CLIENT =
  "concat_ws(' ', client_id, sequence, stored_at, operator_code, quote_literal(tag), quote_literal(timezone), removed, superseded_at)";

export const aspects: readonly Aspect[] = [
  {
    columns: MAILING,
    rows: (source) => sql`
      select id as mailing_id, ${sql.raw(MAILING.map((column) => `${column}::text`).join(', '))}
      from ${source.table('mailing')} where id ${isOfPart(source.scope, touchedMailings(source))}`,
  },
  {
    columns: [...COUNTS, 'first_sent_at', 'last_sent_at'],
    rows: (source) => sql`
      select mailing_id, ${sql.raw(COUNTS.map((column) => `sum(${column})::text as ${column}`).join(', '))},
        min(first_sent_at)::text as first_sent_at, max(last_sent_at)::text as last_sent_at
      from ${source.table('counter')} where mailing_id ${isOfPart(source.scope, touchedMailings(source))}
      group by mailing_id`,
  },
  {
    columns: ['timeline'],
    rows: (source) => sql`
      select mailing_id, ${checksum("concat_ws(' ', bin, width, sent, failed, expired, cancelled, unknown)")} as timeline
      from (
        select mailing_id, bin, width, sum(sent) as sent, sum(failed) as failed, sum(expired) as expired,
          sum(cancelled) as cancelled, sum(unknown) as unknown
        from ${source.table('timeline')} where mailing_id ${isOfPart(source.scope, touchedMailings(source))}
        group by mailing_id, bin, width
      ) bins group by mailing_id`,
  },
  { columns: ['past'], rows: (source) => written(source, 'count_change', 'sequence', 'past') },
  { columns: ['events'], rows: (source) => written(source, 'mailing_version', 'sequence', 'events') },
  { columns: ['audience'], rows: (source) => written(source, 'queued_batch', 'queued_sequence', 'audience') },
  {
    columns: ['messages'],
    rows: (source) => sql`
      select mailing_id, ${checksum(BATCH)} as messages
      from ${source.table('queued_batch')} b left join ${source.table('batch_outcomes')} o using (first_message_id)
      where (b.mailing_id, b.batch) ${isOfPart(source.scope, touchedBatches(source))} group by mailing_id`,
  },
  {
    columns: ['errors'],
    rows: (source) => sql`
      select mailing_id, ${checksum('e::text')} as errors
      from (
        select mailing_id, first_message_id, messages from ${source.table('queued_batch')} b
        where (b.mailing_id, b.batch) ${isOfPart(source.scope, touchedBatches(source))} offset 0
      ) b
      cross join lateral (
        select e.* from ${source.table('message_error')} e
        where e.message_id >= b.first_message_id and e.message_id < b.first_message_id + b.messages offset 0
      ) e
      group by mailing_id`,
  },
  {
    columns: ['clients'],
    rows: ({ table, scope: { part, position } }) => sql`
      select null::uuid as mailing_id, ${checksum(CLIENT)} as clients
      from ${
        part === 'before'
          ? // By whom it was superseded since, both do not know alike.
            sql`(
              select client_id, sequence, stored_at, operator_code, tag, timezone, removed,
                case when superseded_at <= ${position}::bigint then superseded_at end as superseded_at
              from ${table('client_version')} where sequence <= ${position}::bigint
            ) v`
          : sql`(
              select * from ${table('client_version')} where sequence > ${position}::bigint
              union
              select * from ${table('client_version')} where superseded_at > ${position}::bigint
            ) v`
      }`,
  },
  {
    columns: ['parked_events'],
    rows: ({ table, scope: { part, position } }) => sql`
      select null::uuid as mailing_id, count(distinct sequence)::text as parked_events from ${table('parked_event')}
      where sequence ${sql.raw(part === 'before' ? '<=' : '>')} ${position}::bigint`,
  },
];
