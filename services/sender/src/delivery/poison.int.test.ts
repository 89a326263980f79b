import { eventSubjects, outcomesOf, parseEvent } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { expect, test } from 'vitest';
import { makeClients, type PlayedMailing } from '../../test/bed/played-mailing.ts';
import { type PoisonStage, poisonedDecisions } from '../../test/bed/poison.ts';
import { useSenderTestBed } from '../../test/bed/sender-test-bed.ts';

const bed = useSenderTestBed();

const SIZE = 20;
const PLACE = 7;

/** Each message of the mailing with its calls and its end by the log. */
async function fates(
  mailing: PlayedMailing,
): Promise<Map<number, { calls: number; end: string; error: string }>> {
  const journal = await bed.provider.journal();
  const events = await bed.upstream.outcomes(mailing);
  return new Map(
    mailing.messageIds.map((id) => {
      const own = events.flatMap(({ type, data }) =>
        'messageId' in data && data.messageId === id
          ? [{ type, error: 'error' in data ? data.error : '' }]
          : [],
      );
      const last = own.at(-1);
      const calls = journal.filter(({ messageId }) => messageId === id).length;
      return [id, { calls, end: own.map(({ type }) => type).join(' '), error: last?.error ?? '' }];
    }),
  );
}

const LOOKED_AT = 'MessageUndecided MessageUndecided';

test.each([
  { at: 'address', idempotent: true, calls: 0, end: `${LOOKED_AT} MessageFailed` },
  { at: 'turn', idempotent: true, calls: 0, end: `${LOOKED_AT} MessageFailed` },
  { at: 'turn', idempotent: false, calls: 0, end: `${LOOKED_AT} MessageFailed` },
  { at: 'outcome', idempotent: true, calls: 1, end: 'MessageUnknown' },
  { at: 'outcome', idempotent: false, calls: 1, end: 'MessageUnknown' },
  { at: 'write', idempotent: false, calls: 1, end: 'MessageUnknown' },
  { at: 'after', idempotent: true, calls: 1, end: 'MessageSent' },
] satisfies { at: PoisonStage; idempotent: boolean; calls: number; end: string }[])(
  'poison at $at (idempotent: $idempotent): after $calls calls $end, and its neighbours are sent once each',
  async ({ at, idempotent, calls, end }) => {
    const { upstream, provider } = bed;
    const clients = makeClients(SIZE);
    const decisions = poisonedDecisions(at, ({ clientId }) => clientId === clients[PLACE]?.id);
    await upstream.sender(provider.url, { idempotent, concurrency: 4, parts: { decisions } });
    const mailing = await upstream.startMailing({ clients });
    await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
    const found = await fates(mailing);
    for (const [index, id] of mailing.messageIds.entries()) {
      const isPoisoned = index === PLACE;
      const { error, ...fate } = found.get(id) ?? {};
      expect(fate).toEqual(isPoisoned ? { calls, end } : { calls: 1, end: 'MessageSent' });
      expect(error).toMatch(isPoisoned && end !== 'MessageSent' ? /^undecidable: Error: poison/ : /^$/);
    }
  },
);

test('looks are counted over processes: a release that can decide sends what another one put off', async () => {
  const { upstream, provider } = bed;
  const clients = makeClients(SIZE);
  const decisions = poisonedDecisions('turn', ({ clientId }) => clientId === clients[PLACE]?.id);
  const wrong = await upstream.sender(provider.url, { parts: { decisions } });
  const mailing = await upstream.startMailing({ clients });
  await eventually(async () => ((await upstream.tally(mailing)).MessageUndecided ?? 0) > 0);
  await upstream.sender(provider.url);
  await wrong.stop();
  // An ack wait of 30 s, where the server forgets what was given back.
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 45_000 });
  const { MessageSent, MessageUndecided, ...others } = await upstream.tally(mailing);
  expect([MessageSent, others]).toEqual([SIZE, {}]);
  expect(MessageUndecided).toBeLessThanOrEqual(2);
}, 60_000);

/** Puts something in the place of an outcome of the mailing's first batch. */
const append = (mailing: PlayedMailing, text: string): Promise<unknown> =>
  bed.upstream.runtime.writer.publish(eventSubjects.outcome(mailing.id, 0), text);

test('a record that cannot be read costs its own message alone, which may have been delivered', async () => {
  const { upstream, provider } = bed;
  const mailing = await upstream.startMailing({ clients: SIZE });
  const [messageId] = mailing.messageIds;
  const body = { type: 'MessageSent', dataversion: 1, data: { messageId } };
  await append(mailing, JSON.stringify(body));
  await upstream.sender(provider.url);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  const journal = await provider.journal();
  expect(new Set(journal.map((entry) => entry.messageId))).toEqual(new Set(mailing.messageIds.slice(1)));
  expect(journal).toHaveLength(SIZE - 1);
});

test('a record that names nobody keeps its batch waiting and no other, and its messages are unknown at the end', async () => {
  const { upstream, provider } = bed;
  const mailing = await upstream.startMailing({ clients: 2 * SIZE, batchSize: SIZE });
  await append(mailing, 'not an event');
  await upstream.sender(provider.url);
  await eventually(async () => (await upstream.completed(mailing)) === 1, { timeoutMs: 25_000 });
  expect(await provider.requests()).toBe(SIZE);
  await upstream.expire(mailing.id);
  await eventually(() => upstream.isCompleted(mailing), { timeoutMs: 25_000 });
  const [unreadable, ...readable] = await upstream.outcomeTexts(mailing);
  expect(unreadable).toBe('not an event');
  const outcomes = readable.flatMap((text) => outcomesOf(parseEvent(text)));
  const types = outcomes.map(({ outcome }) => outcome.type).sort();
  expect(types).toEqual([...Array(SIZE).fill('MessageSent'), ...Array(SIZE).fill('MessageUnknown')]);
  expect(await provider.requests()).toBe(SIZE);
});

test('twenty messages that cannot be decided stop the intake: what is in flight is recorded, nothing is set aside', async () => {
  const { upstream, provider } = bed;
  await provider.behave({ latencyMs: 300 });
  const clients = makeClients(100);
  const good = new Set(clients.slice(0, 8).map(({ id }) => id));
  const decisions = poisonedDecisions('turn', ({ clientId }) => !good.has(clientId));
  const wrong = await upstream.sender(provider.url, { concurrency: 40, parts: { decisions } });
  const mailing = await upstream.startMailing({ clients });
  const other = await upstream.startMailing({ clients: 5 });
  await eventually(async () => {
    expect(await wrong.health.problems()).toMatchObject({ undecidable: expect.stringContaining('restart') });
    return true;
  });
  await eventually(async () => (await upstream.tally(mailing)).MessageSent === good.size, {
    timeoutMs: 20_000,
  });
  const stopped = await upstream.tally(mailing);
  expect(Object.keys(stopped).sort()).toEqual(['MessageSent', 'MessageUndecided']);
  expect(stopped.MessageUndecided).toBeLessThanOrEqual(20);
  await wrong.stop();
  // The next release takes on where this one stopped.
  await upstream.sender(provider.url, { concurrency: 40 });
  await eventually(async () => (await upstream.isCompleted(mailing)) && (await upstream.isCompleted(other)), {
    timeoutMs: 25_000,
  });
  expect(await upstream.tally(mailing)).toEqual({ ...stopped, MessageSent: 100 });
  expect((await provider.journal()).filter(({ repeat }) => repeat)).toEqual([]);
});
