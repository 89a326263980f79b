/**
 * What 1,000 streams of Server-Sent Events cost a gateway: its memory, and how long other requests take while mailings are
 * sent, beside a system without streams. Takes about four minutes.
 *
 * pnpm load:streams [--streams 1000] [--seconds 30]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Herald } from '../../e2e/support/herald.ts';
import { Scenario } from '../../e2e/support/scenario.ts';
import { percentile } from '../bench/measure/statistics.ts';
import { watchMemory } from './watch-memory.ts';

const { values } = parseArgs({
  options: { streams: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '30' } },
});
const streams = Number(values.streams);
const seconds = Number(values.seconds);
/** Messages a second of all mailings that are watched together. */
const RATE = 500;
/** So many mailings are sent at once in the second part. */
const MAILINGS = 20;
/** Requests a second that are measured. */
const REQUESTS = 50;
const WARM_UP_MS = 3_000;

const say = (text: string, figures: object): void => {
  process.stdout.write(`${text} ${JSON.stringify(figures)} (load ${loadavg()[0]?.toFixed(1)})\n`);
};

/** Sends requests at a fixed rate, whether or not those before are answered; how long they took, milliseconds. */
async function measureRequests(origin: string, paths: readonly string[]) {
  const times: number[] = [];
  let failed = 0;
  const one = async (path: string): Promise<void> => {
    const begin = performance.now();
    const answer = await fetch(`${origin}/api/v1${path}`);
    await answer.arrayBuffer();
    if (answer.status === 200) times.push(performance.now() - begin);
    else failed += 1;
  };
  const all: Promise<void>[] = [];
  for (let index = 0; index < seconds * REQUESTS; index += 1) {
    all.push(one(paths[index % paths.length] ?? ''));
    await sleep(1_000 / REQUESTS);
  }
  await Promise.all(all);
  const ms = (percent: number): number => Number(percentile(times, percent).toFixed(1));
  return { requests: times.length, failed, p50Ms: ms(50), p99Ms: ms(99), maxMs: ms(100) };
}

/** Opens the streams in another process while some work is done. */
async function withStreams<Result>(port: string, mailings: readonly string[], work: () => Promise<Result>) {
  const script = join(import.meta.dirname, 'reader-process.ts');
  const begin = performance.now();
  const reader = spawn(process.execPath, [script, port, String(streams), ...mailings], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: reader.stdout });
  await once(lines, 'line');
  const openedMs = Math.round(performance.now() - begin);
  await sleep(WARM_UP_MS);
  const result = await work();
  const said = once(lines, 'line');
  reader.stdin.end();
  const [line] = await said;
  return { result, openedMs, ...(JSON.parse(String(line)) as object) };
}

const herald = await Herald.start();
try {
  const { gateway } = await herald.describe();
  const { origin, port } = new URL(gateway[0] ?? '');
  const pids = {
    gateway: (await herald.pidOf('gateway-1')) ?? 0,
    stats: (await herald.pidOf('stats-1')) ?? 0,
  };
  const scenario = new Scenario(herald);
  const tags = Array.from({ length: MAILINGS }, (_, index) => `watched-${index}`);
  // What one mailing sends meanwhile, and each of many.
  await scenario.registerMany(RATE * (2 * seconds + 40), '900', 'watched');
  for (const tag of tags) await scenario.registerMany((RATE / MAILINGS) * (2 * seconds + 60), '900', tag);
  const { id: quiet } = await scenario.createMailing({ filter: { tags: ['nobody'] } });
  const paths = [`/mailings/${quiet}`, `/mailings/${quiet}/stats`, '/stats', '/clients?limit=10'];
  const measure = () => watchMemory(pids, () => measureRequests(origin, paths));
  const send = async (tag: string, rateLimit: number): Promise<string> =>
    (await scenario.createMailing({ filter: { tags: [tag] }, rateLimit })).id;
  say('idle', await measure());
  const one = await send('watched', RATE);
  await sleep(WARM_UP_MS);
  say(`${RATE} messages/s of one mailing, no streams`, await measure());
  say(`the same, ${streams} streams on it`, await withStreams(port, [one], measure));
  await herald.api.expect('DELETE', `/mailings/${one}`);
  const many: string[] = [];
  for (const tag of tags) many.push(await send(tag, RATE / MAILINGS));
  await sleep(WARM_UP_MS);
  say(`${RATE} messages/s of ${MAILINGS} mailings, no streams`, await measure());
  say(`the same, ${streams} streams on them`, await withStreams(port, many, measure));
  for (const id of many) await herald.api.expect('DELETE', `/mailings/${id}`);
  await sleep(WARM_UP_MS);
  say('idle again', await measure());
} finally {
  await herald.stop();
}
