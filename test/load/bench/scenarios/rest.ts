import type { Bench, Scenario } from '../bench.ts';
import { interleave, type Measured, perSecond, type RoundFigures } from '../measure/measured.ts';
import { latencies, type RestRequest, runRestLoad } from '../processes/run-rest-load.ts';
import { BareHono } from '../processes/start-hono.ts';
import { ensureAudience, untilShown } from '../system/import-audience.ts';
import type { System } from '../system/system.ts';
import { whileDoing } from '../system/watch-usage.ts';
import { AT_ONCE, AUDIENCE } from './delivery.ts';
import { duringMailing } from './during-mailing.ts';
import { changes, reads, registrations } from './rest-requests.ts';

/** One at a time, and as many as make the most of the gateway. */
const CONCURRENCIES = [1, AT_ONCE] as const;

/** Commands and reads over REST, idle and during a mailing, beside a bare Hono route in the same PostgreSQL. */
export const rest: Scenario = {
  names: ['rest'],
  about: 'POST, PATCH and GET of clients, idle and (without PATCH) during a mailing; a bare Hono route',
  isQuick: true,
  run: async (bench) => {
    const system = await bench.systems.only({});
    await ensureAudience(bench, system, AUDIENCE, bench.sizes.messages);
    const hono = await BareHono.start((await system.describe()).databaseUrl);
    try {
      const steps = [
        (round: number) => measureHono(bench, system, hono, round),
        (round: number) => measureCommands(bench, system, 'idle', round),
        async (round: number) => {
          const measure = () => measureCommands(bench, system, 'mailing', round);
          return duringMailing(bench, system, AUDIENCE, measure);
        },
      ];
      const collected = await interleave(bench.sizes.rounds, steps);
      return { collected, references: referencesOf([...collected.keys()]) };
    } finally {
      await hono.stop();
    }
  },
};

/** A fifth of the requests where they go one by one. */
const countFor = (bench: Bench, concurrency: number): number =>
  Math.ceil(bench.sizes.requests / (concurrency === 1 ? 5 : 1));

async function measureHono(
  bench: Bench,
  system: System,
  hono: BareHono,
  round: number,
): Promise<RoundFigures> {
  const figures: Record<string, Measured> = {};
  for (const concurrency of CONCURRENCIES) {
    const requests = registrations(countFor(bench, concurrency), `hono-${round}`);
    const { result, usage } = await whileDoing(system, () =>
      hono.whileDoing(() => runRestLoad(bench, hono.base, concurrency, requests)),
    );
    const { postgres = { cpuMs: 0, peakMiB: 0 } } = usage;
    figures[`hono ×${concurrency}`] = {
      value: perSecond(requests.length, result.result.tookMs),
      unit: 'requests/s',
      per: { thing: 'request', count: requests.length },
      usage: { hono: result.usage, postgres },
      details: latencies(result.result),
    };
  }
  return figures;
}

/** @throws when a client that was accepted does not come into the directory */
async function measureCommands(
  bench: Bench,
  system: System,
  state: 'idle' | 'mailing',
  round: number,
): Promise<RoundFigures> {
  const figures: Record<string, Measured> = {};
  const base = await system.base();
  for (const concurrency of CONCURRENCIES) {
    const count = countFor(bench, concurrency);
    const tag = `rest-${state}-${concurrency}-${round}`;
    const measure = async (name: string, requests: readonly RestRequest[]): Promise<readonly string[]> => {
      const work = () => runRestLoad(bench, base, concurrency, requests);
      const { result, usage } = await whileDoing(system, work);
      figures[`${name} ${state} ×${concurrency}`] = {
        value: perSecond(count, result.tookMs),
        unit: 'requests/s',
        // The processes have more to do than these requests while a mailing runs.
        ...(state === 'idle' ? { per: { thing: 'request', count }, usage } : {}),
        details: latencies(result),
      };
      return result.ids;
    };
    const ids = await measure('POST', registrations(count, tag));
    if (ids.length > 0) {
      if (state === 'idle') await measure('PATCH', changes(count, ids));
      await measure('GET', reads(count, ids));
    }
    await untilShown(bench, await system.api(bench.signal), tag, count);
  }
  return figures;
}

/** Each by the bare route with as many requests at once. */
const referencesOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names
      .filter((name) => !name.startsWith('hono'))
      .map((name) => [name, `hono ×${name.slice(name.indexOf('×') + 1)}`]),
  );
