import { join } from 'node:path';
import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { percentile } from '../measure/statistics.ts';
import { runScript } from './run-script.ts';

export type RestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body: object | null;
};

const SCRIPT = join(import.meta.dirname, 'rest-load.ts');
const result = z.object({
  tookMs: z.number(),
  timesMs: z.array(z.number()),
  /** Of the clients that were answered. */
  ids: z.array(z.string()),
  failed: z.int(),
  /** Answered 202: written, and not yet carried out. */
  late: z.int(),
  failures: z.array(z.string()),
});
export type RestResult = z.infer<typeof result>;

/** Sends the requests from another process. @throws when any of them is refused */
export async function runRestLoad(
  bench: Bench,
  base: string,
  concurrency: number,
  requests: readonly RestRequest[],
): Promise<RestResult> {
  const done = await runScript(SCRIPT, { base, concurrency, requests }, result, bench.signal);
  if (done.failed === 0) return done;
  throw new Error(`${done.failed} of ${requests.length} requests were refused: ${done.failures.join('; ')}`);
}

/** What belongs to the rate of requests, milliseconds. */
export const latencies = ({ timesMs, late }: RestResult): Record<string, number> => ({
  p50Ms: percentile(timesMs, 50),
  p99Ms: percentile(timesMs, 99),
  ...(late === 0 ? {} : { late }),
});
