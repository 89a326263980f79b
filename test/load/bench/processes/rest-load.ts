/** Sends REST requests, so many at once, and tells how long each took. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { readInput } from './own-usage.ts';

const input = z.object({
  base: z.string(),
  concurrency: z.int(),
  requests: z.array(z.object({ method: z.enum(['GET', 'POST', 'PATCH']), path: z.string(), body: z.json() })),
});
/** As many failures are told; the rest is counted. */
const TOLD_FAILURES = 3;
const identified = z.object({ id: z.string() });

const { base, concurrency, requests } = await readInput(input);
const dispatcher = new Agent({ connections: concurrency });
const timesMs: number[] = [];
const ids: string[] = [];
const failures: string[] = [];
let failed = 0;
let late = 0;

async function send({ method, path, body }: (typeof requests)[number]): Promise<void> {
  const begin = performance.now();
  const answer = await request(`${base}${path}`, {
    method,
    dispatcher,
    ...(body === null ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  timesMs.push(performance.now() - begin);
  if (answer.statusCode === 202) {
    late += 1;
  } else if (answer.statusCode < 300) {
    ids.push(identified.parse(JSON.parse(text)).id);
  } else {
    failed += 1;
    if (failures.length < TOLD_FAILURES) failures.push(`${method} ${path}: ${answer.statusCode} ${text}`);
  }
}

let next = 0;
const worker = async (): Promise<void> => {
  for (let mine = requests[next++]; mine !== undefined; mine = requests[next++]) await send(mine);
};
const begin = performance.now();
await Promise.all(Array.from({ length: concurrency }, worker));
const tookMs = performance.now() - begin;
process.stdout.write(JSON.stringify({ tookMs, timesMs, ids, failed, late, failures }), () => process.exit());
