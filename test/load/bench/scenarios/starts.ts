import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { Measured } from '../measure/measured.ts';
import { createSend } from '../processes/send-to-provider.ts';
import { newText } from '../system/deliver.ts';
import { order, untilEnded } from '../system/mailing.ts';
import type { System } from '../system/system.ts';
import { lateness } from './lateness.ts';

/** All mailings are there before the first of them starts. */
const AHEAD_MS = 1_500;
const APART_MS = 100;
/** By how much the clocks of two processes of one machine may differ here, with what Herald's own may: no call is earlier. */
const CLOCKS_DIFFER_MS = 60;

/** How late the first call of mailings was: the provider's receipt by the order's `startAt`. @throws when one is early or lost */
export async function measureStarts(bench: Bench, system: System, tag: string): Promise<Measured> {
  await system.forgetJournal();
  const api = await system.api(bench.signal);
  const begin = Date.now() + AHEAD_MS;
  const orders = await Promise.all(
    Array.from({ length: bench.sizes.moments }, async (_, index) => {
      const text = newText();
      const startAt = begin + index * APART_MS;
      return { text, startAt, id: await order(api, { text, tag, startAt }) };
    }),
  );
  const late: number[] = [];
  for (const { id, text, startAt } of orders) {
    const { planned, counts } = await untilEnded(bench, api, id);
    const calls = await system.journalOf(text);
    const expected = system.audiences.get(tag) ?? 0;
    if (planned !== expected || counts.sent !== expected || calls.length !== expected) {
      throw new Error(`Of ${expected} messages ${counts.sent} were sent in ${calls.length} calls.`);
    }
    const first = Math.min(...calls.map(({ at }) => at));
    if (first < startAt - CLOCKS_DIFFER_MS) throw new Error(`A mailing began ${startAt - first} ms early.`);
    late.push(first - startAt);
  }
  return lateness(late);
}

/** How late a bare timer and a bare call to the provider are. */
export async function measureTimers(bench: Bench, system: System): Promise<Measured> {
  await system.forgetJournal();
  const { provider, providerToken } = await system.describe();
  const send = createSend({ url: provider, token: providerToken }, 1);
  // As warm as a sender is: it has its connection.
  await send(0, 'warm-up');
  const begin = Date.now() + APART_MS;
  const late: number[] = [];
  for (let index = 0; index < bench.sizes.moments; index++) {
    const text = newText();
    const startAt = begin + index * APART_MS;
    await sleep(Math.max(0, startAt - Date.now()), undefined, { signal: bench.signal });
    await send(index + 1, text);
    const [call] = await system.journalOf(text);
    if (call === undefined) throw new Error('The provider has not written down a call.');
    late.push(call.at - startAt);
  }
  return lateness(late);
}
