import { partitionOf } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { type QueryExecutorProvider, sql } from 'kysely';
import { laneName } from '../../fold/lane-names.ts';
import type { ClientFacts, ClientVersion, Source } from './facts.ts';
import { sourceAt } from './read-events.ts';

/** What the statistics know of a client. */
export interface KnownClient {
  readonly versions: readonly ClientVersion[];
  /** The newest of its events that is folded, or could not be. */
  readonly knownUntil: number;
  /** Up to where its lane is folded. */
  readonly laneAt: number;
}

interface Row {
  readonly sequence: number;
  readonly stored_at: number;
  readonly operator_code: string;
  readonly tag: string;
  readonly timezone: string;
  readonly removed: boolean;
}

/** @param until the position as of which it is asked for; null: none */
export async function readClient(
  transaction: QueryExecutorProvider,
  clientId: string,
  subject: string,
  until: number | null,
): Promise<KnownClient> {
  const version = (condition: number | null, order: 'asc' | 'desc') => sql`(
    select sequence, stored_at, operator_code, tag, timezone, removed from client_version
    where client_id = ${clientId}::uuid and (${condition}::bigint is null or sequence <= ${condition}::bigint)
    order by sequence ${sql.raw(order)} limit 1)`;
  const { rows } = await sql<Row>`
    ${version(null, 'asc')} union ${version(until, 'desc')} union ${version(null, 'desc')}
    order by sequence`.execute(transaction);
  const { rows: others } = await sql<{ parked: number | null; lanes: number }>`
    select (select max(sequence) from parked_event where subject = ${subject}) as parked, lanes from layout`.execute(
    transaction,
  );
  const lane = (others[0]?.lanes ?? 1) === 1 ? 0 : partitionOf(clientId);
  const { rows: lanes } = await sql<{ sequence: number }>`
    select sequence from checkpoint where name = ${laneName(lane)}`.execute(transaction);
  return {
    versions: rows.map((row, index) => versionOf(row, index)),
    knownUntil: Math.max(rows.at(-1)?.sequence ?? 0, others[0]?.parked ?? 0),
    laneAt: lanes[0]?.sequence ?? 0,
  };
}

const versionOf = (row: Row, index: number): ClientVersion => ({
  event: row.removed ? 'ClientRemoved' : index === 0 ? 'ClientRegistered' : 'ClientChanged',
  position: row.sequence,
  at: new Date(row.stored_at).toISOString(),
  operatorCode: row.operator_code,
  tag: row.tag,
  timezone: row.timezone,
  isRemoved: row.removed,
});

/**
 * @param inLog its newest event
 * @param until the position of the mailing's start; null where it has not started
 */
export async function gatherClient(
  broker: Broker,
  { versions, knownUntil, laneAt }: KnownClient,
  inLog: Source,
  until: number | null,
): Promise<ClientFacts> {
  const read = await Promise.all(versions.map((version) => sourceAt(broker, version)));
  const atStart = until === null ? null : (read.findLast(({ position }) => position <= until) ?? null);
  const isBehind = until !== null && inLog.position > knownUntil && laneAt < until;
  return {
    atStart,
    first: read[0] ?? null,
    newest: read.at(-1) ?? null,
    unfolded: isBehind ? inLog : null,
  };
}
