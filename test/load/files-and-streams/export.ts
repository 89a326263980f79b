/**
 * How fast the messages of a large mailing are exported, and what it takes: rows a second, and the memory of the gateway and
 * of the statistics service, sampled ten times a second. Then a reader that stops, and the proof of the mailing's end.
 *
 * pnpm load:export [--messages 1000000]
 */
import { connect } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BATCH_SIZE } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import pg from 'pg';
import { Herald } from '../../e2e/support/herald.ts';
import { watchMemory } from './watch-memory.ts';
import { writeMailing } from './write-mailing.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' } } });
const batches = Math.ceil(Number(values.messages) / BATCH_SIZE);
const FOLDED_MS = 600_000;
/** How long the reader that stops is watched. */
const STALLED_MS = 20_000;
const LINE_FEED = 10;

const say = (text: string, figures: object = {}): void => {
  process.stdout.write(`${text} ${JSON.stringify(figures)} (load ${loadavg()[0]?.toFixed(1)})\n`);
};

/** Takes a file as fast as it comes. */
async function take(url: string) {
  const begin = performance.now();
  const answer = await fetch(url);
  if (answer.status !== 200 || answer.body === null) throw new Error(`${url} answered ${answer.status}`);
  let rows = 0;
  let bytes = 0;
  for await (const piece of answer.body) {
    bytes += piece.length;
    for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, at + 1)) rows += 1;
  }
  const seconds = (performance.now() - begin) / 1_000;
  return {
    rows,
    MB: Math.round(bytes / 1e6),
    seconds: Number(seconds.toFixed(1)),
    rowsPerSecond: Math.round(rows / seconds),
  };
}

/** Begins to take a file and stops: the longest transaction that is open meanwhile, milliseconds. */
async function stall(port: number, path: string, databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
  socket.pause();
  let longestMs = 0;
  const until = performance.now() + STALLED_MS;
  while (performance.now() < until) {
    const { rows } = await client.query(
      `select coalesce(max(extract(epoch from now() - xact_start) * 1000), 0)::float8 as ms
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    longestMs = Math.max(longestMs, rows[0]?.ms ?? 0);
    await sleep(250);
  }
  socket.destroy();
  await client.end();
  return { longestTransactionMs: Math.round(longestMs) };
}

const herald = await Herald.start();
try {
  const { gateway, natsUrl, databaseUrl } = await herald.describe();
  const { origin, port } = new URL(gateway[0] ?? '');
  const pids = {
    gateway: (await herald.pidOf('gateway-1')) ?? 0,
    stats: (await herald.pidOf('stats-1')) ?? 0,
  };
  const { id, sequence } = await writeMailing(natsUrl, batches);
  type Monitor = { readonly lanes: readonly { readonly sequence: number }[] };
  const isFolded = async (): Promise<boolean> =>
    ((await herald.api.get<Monitor>('/monitor')).lanes[0]?.sequence ?? 0) >= sequence;
  await eventually(isFolded, {
    timeoutMs: FOLDED_MS,
    everyMs: 500,
    message: 'the statistics have folded it',
  });
  say('written and folded', { messages: batches * BATCH_SIZE, events: sequence });
  const path = `/api/v1/mailings/${id}`;
  for (const [title, query] of [
    ['csv', 'format=csv'],
    ['ndjson', 'format=ndjson'],
    ['csv again', 'format=csv'],
    ['csv of those that failed', 'format=csv&status=failed'],
  ]) {
    const work = () => take(`${origin}${path}/messages/export?${query}`);
    const { result, memory } = await watchMemory(pids, work);
    say(String(title), { ...result, memory });
  }
  const stalled = await watchMemory(pids, () => stall(Number(port), `${path}/messages/export`, databaseUrl));
  say(`a reader that stopped, for ${STALLED_MS / 1_000} s`, { ...stalled.result, memory: stalled.memory });
  const proven = await watchMemory(pids, () => take(`${origin}${path}/deadline-proof`));
  say('the proof of the end', { ...proven.result, memory: proven.memory });
} finally {
  await herald.stop();
}
