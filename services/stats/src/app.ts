import type { Runtime } from '@herald/service-kit';
import { sql } from 'kysely';
import type { StatsConfig } from './config.ts';
import { type Generation, LayoutMismatchError, openGeneration } from './database/open-generation.ts';
import type { Dependencies } from './dependencies.ts';
import { type Lanes, startLanes } from './fold/lanes.ts';
import { serveQueries } from './queries/serve-queries.ts';

const RETRY_MS = 500;

/** Composes the stats service: the folds of its lanes, and the answers. Waits for the database as long as it takes. */
export async function startStats(runtime: Runtime, config: StatsConfig): Promise<void> {
  const stopping = new AbortController();
  runtime.onStop('waiting', () => stopping.abort(new Error('stopping')));
  const generation = await openWhenThere(runtime, config, stopping.signal);
  const { database } = generation;
  runtime.onStop('database', () => database.destroy());
  const dependencies: Dependencies = { runtime, database };
  runtime.health.add('database', async () => {
    await sql`select 1`.execute(database);
    return true as const;
  });
  const lanes = startLanes(dependencies, generation, config.DATABASE_URL, config.STATS_LANES);
  runtime.onStop('queries', serveQueries(dependencies));
  runtime.describe(() => describe(generation, lanes));
}

async function openWhenThere(
  runtime: Runtime,
  config: StatsConfig,
  signal: AbortSignal,
): Promise<Generation> {
  for (;;) {
    try {
      return await openGeneration(runtime, config);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LayoutMismatchError) throw error;
      runtime.log.warn({ err: error }, 'the database cannot be prepared yet');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const describe = (generation: Generation, lanes: Lanes): Record<string, unknown> => ({
  generation: generation.number,
  lanes: [...lanes].map(([lane, { state }]) => ({
    lane,
    state: state.kind,
    ...(state.kind === 'folding'
      ? { sequence: state.sequence, behind: state.behind, parked: state.parked }
      : {}),
  })),
});
