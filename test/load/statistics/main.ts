/**
 * What the statistics bear: reading at a given size, and a rebuild while a mailing is sent.
 *
 * pnpm load:statistics [--messages 1000000] [--mailings 10] [--small-mailings 10000]
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { Herald } from '../../e2e/support/herald.ts';
import { Scenario } from '../../e2e/support/scenario.ts';
import { percentile } from '../bench/measure/statistics.ts';
import { runScript } from '../bench/processes/run-script.ts';
import { watchLag, watchMemory } from './watch.ts';

const count = (text: string): number => z.coerce.number().int().min(0).parse(text);
const options = new Command()
  .option('--messages <count>', 'in all large mailings together', count, 1_000_000)
  .option('--mailings <count>', 'large mailings', count, 10)
  .option('--small-mailings <count>', 'further mailings of ten messages', count, 10_000)
  .option('--clients <count>', 'clients in the directory', count, 100_000)
  .option('--reads <count>', 'how often each question is asked', count, 300)
  .option('--rebuilds <count>', 'how often the statistics are rebuilt', count, 3)
  .parse()
  .opts<Record<'messages' | 'mailings' | 'smallMailings' | 'clients' | 'reads' | 'rebuilds', number>>();

const WRITE = join(import.meta.dirname, 'write-log.ts');
const written = z.object({
  lastSequence: z.int(),
  mailings: z.array(z.string()),
  clients: z.array(z.string()),
});
const never = new AbortController().signal;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let firstMessageId = 1_000_000_000;

const herald = await Herald.start();
try {
  say(
    `writing ${options.messages} messages of ${options.mailings} mailings, and ${options.smallMailings} small mailings`,
  );
  const large = await write(
    options.clients,
    options.mailings,
    Math.ceil(options.messages / options.mailings),
  );
  if (options.smallMailings > 0) await write(1_000, options.smallMailings, 10);
  await measureReads(large);
  for (let round = 0; round < options.rebuilds; round += 1) await measureRebuild();
} finally {
  await herald.stop();
}

async function write(
  clients: number,
  mailings: number,
  messagesOfMailing: number,
): Promise<z.infer<typeof written>> {
  const begin = performance.now();
  const input = { natsUrl: herald.natsUrl, clients, mailings, messagesOfMailing, firstMessageId };
  firstMessageId += 1_000_000_000;
  const result = await runScript(WRITE, input, written, never);
  const monitor = z.object({ lanes: z.array(z.object({ sequence: z.int() })) });
  for (;;) {
    const { lanes } = monitor.parse(await herald.api.get('/monitor'));
    const reached = lanes.length === 0 ? 0 : Math.min(...lanes.map(({ sequence }) => sequence));
    if (reached >= result.lastSequence) break;
    await sleep(500);
  }
  say(
    `  written and folded after ${Math.round((performance.now() - begin) / 1_000)} s, position ${result.lastSequence}`,
  );
  return result;
}

async function measureReads({ mailings, clients }: z.infer<typeof written>): Promise<void> {
  const pick = (from: readonly string[]): string => from[Math.floor(Math.random() * from.length)] ?? '';
  const statuses = ['sent', 'failed', 'queued'];
  const stats = z.object({ firstSentAt: z.string().nullable(), lastSentAt: z.string().nullable() });
  const spans = new Map<string, readonly [number, number]>();
  for (const mailing of mailings.slice(0, 20)) {
    const { firstSentAt, lastSentAt } = stats.parse(await herald.api.get(`/mailings/${mailing}/stats`));
    spans.set(mailing, [Date.parse(firstSentAt ?? ''), Date.parse(lastSentAt ?? '')]);
  }
  const [someMailing = ''] = spans.keys();
  const within = ([first, last]: readonly [number, number] = [0, 1]): string =>
    new Date(first + Math.random() * (last - first)).toISOString();
  const cursors = new Map<string, string | null>();
  /** The next page of a list, from its beginning again after the last one. */
  const page =
    (path: string): (() => Promise<unknown>) =>
    async () => {
      const cursor = cursors.get(path);
      const query = cursor == null ? '' : `&cursor=${cursor}`;
      const { nextCursor } = z
        .object({ nextCursor: z.string().nullable() })
        .parse(await herald.api.get(`${path}${query}`));
      cursors.set(path, nextCursor);
    };
  const questions: Record<string, () => Promise<unknown>> = {
    'GET /stats': () => herald.api.get('/stats'),
    'GET /stats?at': () => herald.api.get(`/stats?at=${within(spans.get(someMailing))}`),
    'GET /mailings/{id}/stats': () => herald.api.get(`/mailings/${pick(mailings)}/stats`),
    'GET /mailings/{id}/stats?at': () =>
      herald.api.get(`/mailings/${someMailing}/stats?at=${within(spans.get(someMailing))}`),
    'GET /mailings/{id}/messages': page(`/mailings/${someMailing}/messages?limit=100`),
    'GET /mailings/{id}/messages?status': () =>
      herald.api.get(`/mailings/${pick(mailings)}/messages?limit=100&status=${pick(statuses)}`),
    'GET /clients/{id}/messages': () => herald.api.get(`/clients/${pick(clients)}/messages?limit=100`),
  };
  for (const by of ['timezone', 'hour', 'tag', 'operatorCode'])
    questions[`GET /mailings/{id}/stats?by=${by}`] = () =>
      herald.api.get(`/mailings/${someMailing}/stats?by=${by}`);
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    const reads = name.includes('by=') ? Math.min(options.reads, 5) : options.reads;
    for (let read = 0; read < reads; read += 1) {
      const begin = performance.now();
      await ask();
      times.push(performance.now() - begin);
    }
    const shown = [50, 99, 100].map((percent) => `p${percent} ${percentile(times, percent).toFixed(1)}`);
    say(`${name.padEnd(42)} ${shown.join('  ')} ms`);
  }
}

async function measureRebuild(): Promise<void> {
  const scenario = new Scenario(herald);
  await scenario.registerMany(30_000);
  const mailing = await scenario.createMailing({ rateLimit: 500 });
  await sleep(2_000);
  const totals = z.object({ totals: z.object({ planned: z.int(), queued: z.int() }) });
  const before = totals.parse(await herald.api.get('/stats?limit=1')).totals;
  const lag = watchLag(herald, mailing.id);
  const memory = watchMemory(herald);
  const job = z.object({
    state: z.string(),
    endedAt: z.string().nullable(),
    startedAt: z.string(),
    holdMs: z.number().nullable(),
    differencesFound: z.int(),
    events: z.int(),
    total: z.int(),
  });
  await herald.api.expect('POST', '/admin/stats/rebuild');
  let done: z.infer<typeof job>;
  let foldedAt = 0;
  const begin = performance.now();
  for (;;) {
    done = job.parse(await herald.api.get('/admin/stats/rebuild'));
    if (done.state !== 'folding' && foldedAt === 0) foldedAt = performance.now();
    if (done.endedAt !== null) break;
    await sleep(100);
  }
  const tookMs = Date.parse(done.endedAt ?? '') - Date.parse(done.startedAt);
  const outcomes = before.planned - before.queued;
  const { counts } = z
    .object({ counts: z.object({ sent: z.int() }) })
    .parse(await herald.api.get(`/mailings/${mailing.id}/stats`));
  say(
    `rebuild: ${done.state} in ${(tookMs / 1_000).toFixed(1)} s (folded after ${((foldedAt - begin) / 1_000).toFixed(1)} s), ` +
      `${Math.round((outcomes * 1_000) / tookMs)} outcomes/s, ${done.differencesFound} differences, hold ${done.holdMs} ms; ` +
      `${counts.sent} sent meanwhile`,
  );
  say(`  live statistics behind: ${await lag.stop()}; memory: ${await memory.stop()}`);
  await herald.api.call('DELETE', `/mailings/${mailing.id}`);
  const { items } = z
    .object({ items: z.array(z.object({ generation: z.int(), isServed: z.boolean() })) })
    .parse(await herald.api.get('/admin/stats/generations'));
  for (const { generation, isServed } of items)
    if (!isServed) await herald.api.call('DELETE', `/admin/stats/generations/${generation}`);
}
