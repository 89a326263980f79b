import { eventSubjects, type LogScope } from '@herald/contracts';
import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';

export interface WantedPositions {
  readonly scope: LogScope;
  /** Whether the first ones behind `after` are wanted, or the last ones. */
  readonly from: 'oldest' | 'newest';
  readonly after: number;
  /** The last position that may be answered. */
  readonly until: number;
  readonly limit: number;
}

/**
 * Reads positions that rise. What could not be folded stands with what is parked, so that it is not missing here. Each table
 * is asked for as many as are wanted in all, by its index.
 */
export async function readPositions(
  transaction: QueryExecutorProvider,
  { scope, from, after, until, limit }: WantedPositions,
): Promise<number[]> {
  const order = sql.raw(from === 'oldest' ? 'asc' : 'desc');
  const within = sql`sequence > ${after}::bigint and sequence <= ${until}::bigint`;
  const branches = sourcesOf(scope).map(
    ({ table, condition, severalRows = false }) => sql`(
      select ${sql.raw(severalRows ? 'distinct ' : '')}sequence from ${sql.table(table)} where ${condition} and ${within}
      order by sequence ${order} limit ${limit})`,
  );
  const { rows } = await sql<{ sequence: number }>`
    ${sql.join(branches, sql` union `)} order by sequence ${order} limit ${limit}`.execute(transaction);
  const positions = rows.map(({ sequence }) => sequence);
  return from === 'oldest' ? positions : positions.reverse();
}

interface Source {
  readonly table: string;
  readonly condition: RawBuilder<unknown>;
  /** Whether it may have several rows of one position. */
  readonly severalRows?: boolean;
}

const parked = (condition: RawBuilder<unknown>): Source => ({ table: 'parked_event', condition });

function sourcesOf(scope: LogScope): readonly Source[] {
  switch (scope.kind) {
    case 'client':
      return [
        { table: 'client_version', condition: sql`client_id = ${scope.clientId}::uuid` },
        parked(sql`subject = ${eventSubjects.client(scope.clientId)}`),
      ];
    case 'mailing': {
      const { mailingId, withMessages } = scope;
      const condition = sql`mailing_id = ${mailingId}::uuid`;
      const own = [
        { table: 'mailing_version', condition },
        parked(sql`subject = ${eventSubjects.mailing(mailingId)}`),
      ];
      if (!withMessages) return own;
      const messages = [
        { table: 'count_change', condition, severalRows: true },
        parked(sql`subject like ${`events.%.message.${mailingId}.%`}`),
      ];
      return [...own, ...messages];
    }
    case 'all':
      return [
        { table: 'mailing_version', condition: sql`true` },
        { table: 'client_version', condition: sql`true` },
        parked(sql`(subject like 'events.%.entity.mailing.%' or subject like 'events.%.entity.client.%')`),
      ];
    default:
      return scope satisfies never;
  }
}
