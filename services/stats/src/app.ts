import { setTimeout as sleep } from 'node:timers/promises';
import type { Runtime } from '@herald/service-kit';
import { sql } from 'kysely';
import type { StatsConfig } from './config.ts';
import type { Dependencies } from './dependencies.ts';
import { measureLanes } from './fold/measure-lanes.ts';
import { Generations } from './generations/generations.ts';
import { openReading } from './generations/pointer.ts';
import { serveQueries } from './queries/serve-queries.ts';
import { JobRunner } from './rebuild/job-runner.ts';

const RETRY_MS = 500;

/**
 * Composes the stats service: the folds of the generations that are wanted, the jobs on them, and the answers. Waits for the
 * database as long as it takes.
 */
export async function startStats(runtime: Runtime, config: StatsConfig): Promise<void> {
  const stopping = new AbortController();
  runtime.onStop('waiting', () => stopping.abort(new Error('stopping')));
  const { DATABASE_URL: databaseUrl, DATABASE_CONNECTIONS: connections } = config;
  // One generation is folded, and at times a second one.
  const forFolds = Math.max(1, Math.floor(connections * 0.3));
  const database = openReading(databaseUrl, connections - 2 * forFolds, runtime.instance);
  runtime.onStop('database', () => database.destroy());
  const generations = new Generations({
    runtime,
    database,
    databaseUrl,
    lanes: config.STATS_LANES,
    connections: forFolds,
  });
  runtime.onStop('generations', () => generations.stop());
  const dependencies: Dependencies = { runtime, database, databaseUrl, generations };
  const jobs = new JobRunner(dependencies);
  runtime.onStop('jobs', () => jobs.stop());
  await whenServed(generations, stopping.signal);
  runtime.health.add('database', async () => {
    await sql`select 1`.execute(database);
    return true as const;
  });
  runtime.health.add('folds', () => generations.health());
  measureLanes(runtime.metrics, () => generations.servedLanes);
  runtime.onStop('queries', serveQueries(dependencies));
  runtime.describe(() => describe(generations));
}

async function whenServed(generations: Generations, signal: AbortSignal): Promise<void> {
  for (;;) {
    await generations.look();
    signal.throwIfAborted();
    if (generations.servedLanes.size > 0) return;
    await sleep(RETRY_MS);
  }
}

const describe = (generations: Generations): Record<string, unknown> => ({
  generation: generations.served,
  rebuild: generations.job,
  lanes: [...generations.servedLanes].map(([lane, { state }]) => ({
    lane,
    state: state.kind,
    ...(state.kind === 'folding'
      ? { sequence: state.sequence, behind: state.behind, parked: state.parked }
      : {}),
  })),
});
