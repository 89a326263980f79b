/**
 * What an exposed gateway bears: each attack on a system of its own, over loopback, with the memory of the gateway and
 * the times of its `/healthz` seen from another process. Takes about three minutes.
 *
 * pnpm load:gateway [imports] [bad-lines] [bodies] [slow] [odd] [--bare]
 *
 * With `--bare` against a Node server that does nothing but refuse, as a reference: less than that costs no gateway made
 * with Node.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Herald } from '../../e2e/support/herald.ts';
import {
  importAtOnce,
  importBadLines,
  importSlowly,
  ODD_REQUESTS,
  postLargeBodies,
  sendOdd,
  type Target,
} from './attacks.ts';
import { observe } from './observe.ts';
import { tally } from './raw-request.ts';

const IMPORT_BYTES = 457 * 1_024;
const FILE_BYTES = 20_000_000;

type Attack = (target: Target) => Promise<Record<string, unknown>>;

const attacks: Record<string, Attack> = {
  imports: async (target) => tally(await importAtOnce(target, 400, IMPORT_BYTES)),
  'bad-lines': async (target) => {
    const known = await importBadLines(target, FILE_BYTES, 'phone,timezone\n');
    const bare = await importBadLines(target, FILE_BYTES, '');
    return { 'behind a header': show(known), bare: show(bare) };
  },
  bodies: async (target) => tally(await postLargeBodies(target, 3_000, 250_000)),
  slow: async (target) => show(await importSlowly(target, 25_000, 90_000)),
  odd: async (target) => {
    const seen: Record<string, unknown> = {};
    for (const [title, status, head, body] of ODD_REQUESTS) {
      const [answer = ''] = Object.keys(tally([await sendOdd(target, head, body)]));
      seen[title] = answer.startsWith(String(status)) ? answer : `${answer}, not ${status}`;
    }
    return seen;
  },
};

const show = (outcome: Awaited<ReturnType<typeof importSlowly>>): Record<string, unknown> =>
  outcome.kind === 'answered' ? { ...outcome, text: outcome.text.slice(0, 300) } : { ...outcome };

type Watched = { readonly pid: number; readonly port: number; readonly isAlive: () => Promise<boolean> };

async function withGateway(work: (gateway: Watched) => Promise<void>): Promise<void> {
  const herald = await Herald.start();
  try {
    const pid = (await herald.pidOf('gateway-1')) ?? 0;
    const port = Number(new URL((await herald.describe()).gateway[0] ?? '').port);
    await work({ pid, port, isAlive: async () => (await herald.pidOf('gateway-1')) === pid });
  } finally {
    await herald.stop();
  }
}

async function withBareServer(work: (server: Watched) => Promise<void>): Promise<void> {
  const script = join(import.meta.dirname, 'bare-server.ts');
  const server = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [port] = await once(server.stdout, 'data');
    await work({ pid: server.pid ?? 0, port: Number(port), isAlive: async () => server.exitCode === null });
  } finally {
    server.stdin.end();
  }
}

const asked = process.argv.slice(2);
const isBare = asked.includes('--bare');
const names = asked.filter((name) => name !== '--bare');
for (const [name, attack] of Object.entries(attacks)) {
  if (names.length > 0 && !names.includes(name)) continue;
  await (isBare ? withBareServer : withGateway)(async (watched) => {
    const begin = performance.now();
    const { result, seen } = await observe(watched, () => attack(watched));
    const tookMs = Math.round(performance.now() - begin);
    const report = { ...seen, tookMs, survived: await watched.isAlive(), result };
    process.stdout.write(`${name}: ${JSON.stringify(report, null, 2)}\n`);
  });
}
