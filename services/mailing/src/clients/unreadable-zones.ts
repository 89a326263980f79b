import { canonicalTimezone } from '@herald/domain';
import { type Kysely, sql } from 'kysely';
import { Gauge } from 'prom-client';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';

const LOOK_MS = 60 * 60 * 1_000;
/** How many zones are told by name. */
const MOST_NAMED = 20;

/**
 * The stored time zones that no local window can be read in, and how many clients have each: earlier releases took some
 * (`IST`). They are not rewritten, since plans must be replayed to the same batches; each is to be changed by a command.
 */
export async function findUnreadableZones(database: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ timezone: string; clients: number }>`
    select timezone, count(*)::int as clients from client group by timezone order by clients desc`.execute(
    database,
  );
  const unreadable = rows.filter(({ timezone }) => canonicalTimezone(timezone) === null);
  return new Map(unreadable.map(({ timezone, clients }) => [timezone, clients]));
}

/** What was found at the last look; empty before the first. */
export interface ZoneWatch {
  readonly found: Readonly<Record<string, number>>;
  stop(): void;
}

/** Looks for unreadable zones now and every hour, and says so in the log and in a metric. */
export function watchZones({ database, runtime }: Dependencies): ZoneWatch {
  let found: Record<string, number> = {};
  let clients = 0;
  new Gauge({
    name: 'herald_clients_unreadable_timezone',
    help: 'Clients whose stored time zone cannot be read: a mailing with a local window fails for them.',
    registers: [runtime.metrics],
    collect() {
      this.set(clients);
    },
  });
  const look = async (): Promise<void> => {
    const zones = [...(await findUnreadableZones(database))];
    clients = zones.reduce((sum, [, count]) => sum + count, 0);
    found = Object.fromEntries(zones.slice(0, MOST_NAMED));
    if (clients > 0)
      runtime.log.warn({ clients, zones: found }, 'clients have time zones that cannot be read');
  };
  const lookSafely = (): void => {
    look().catch((error) => runtime.log.warn({ err: error }, 'the time zones cannot be looked through now'));
  };
  lookSafely();
  const timer = setInterval(lookSafely, LOOK_MS);
  return {
    get found() {
      return found;
    },
    stop: () => clearInterval(timer),
  };
}
