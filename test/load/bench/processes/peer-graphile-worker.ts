/**
 * The peer: graphile-worker in the same PostgreSQL, one call to the provider for each job, set up as for its own
 * published figures (https://worker.graphile.org/docs/performance: local queue of 500, completions in batches) with as
 * many jobs at once as the loop has. Adding the jobs is told apart, as its own performance test does.
 */
import { Logger, makeWorkerUtils, runOnce } from 'graphile-worker';
import pg from 'pg';
import { z } from 'zod';
import { readInput, tellOwnUsage } from './own-usage.ts';
import { createSend, providerPlace } from './send-to-provider.ts';

const SCHEMA = 'bench_graphile_worker';
/** Its own performance test tells of no job that went well; what is told must not mix with the result. */
const logger = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') process.stderr.write(`graphile-worker: ${message}\n`);
});
const ADDED_AT_ONCE = 10_000;
const input = z.object({
  provider: providerPlace,
  databaseUrl: z.string(),
  jobs: z.int(),
  concurrency: z.int(),
});
const payload = z.object({ id: z.int() });

const { provider, databaseUrl, jobs, concurrency } = await readInput(input);
const send = createSend(provider, concurrency);
const preset = {
  worker: {
    connectionString: databaseUrl,
    schema: SCHEMA,
    concurrentJobs: concurrency,
    maxPoolSize: concurrency + 1,
    logger,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

// The processor time is that of adding and working; so is the time that PostgreSQL takes.
const before = process.cpuUsage();
const utils = await makeWorkerUtils({ preset });
await utils.migrate();
const addBegin = performance.now();
for (let from = 0; from < jobs; from += ADDED_AT_ONCE) {
  const length = Math.min(ADDED_AT_ONCE, jobs - from);
  const added = Array.from({ length }, (_, index) => ({
    identifier: 'send',
    payload: { id: from + index + 1 },
  }));
  await utils.addJobs(added);
}
const addMs = performance.now() - addBegin;
await utils.release();

const taskList = {
  send: async (given: unknown) => send(payload.parse(given).id, 'Hello from the peer'),
};
const begin = performance.now();
await runOnce({ preset, taskList });
const tookMs = performance.now() - begin;
const usage = tellOwnUsage(before);

const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
const { rows } = await client.query<{ left: number }>(`select count(*)::int as left from ${SCHEMA}.jobs`);
await client.end();
const left = rows[0]?.left ?? 0;
process.stdout.write(JSON.stringify({ addMs, tookMs, left, usage }), () => process.exit());
