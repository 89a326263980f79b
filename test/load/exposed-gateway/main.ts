/**
 * What an exposed gateway bears: each attack on a system of its own, over loopback, with the memory of the gateway and
 * the times of its `/healthz` seen from another process. Takes about three minutes.
 *
 * pnpm load:gateway [imports] [bad-lines] [bodies] [slow] [odd]
 */
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

const attacks: Record<string, (target: Target) => Promise<Record<string, unknown>>> = {
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

const asked = process.argv.slice(2);
for (const [name, attack] of Object.entries(attacks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const herald = await Herald.start();
  try {
    const pid = (await herald.pidOf('gateway-1')) ?? 0;
    const port = Number(new URL((await herald.describe()).gateway[0] ?? '').port);
    const begin = performance.now();
    const { result, seen } = await observe({ pid, port }, () => attack({ port }));
    const tookMs = Math.round(performance.now() - begin);
    const survived = (await herald.pidOf('gateway-1')) === pid;
    process.stdout.write(`${name}: ${JSON.stringify({ ...seen, tookMs, survived, result }, null, 2)}\n`);
  } finally {
    await herald.stop();
  }
}
