import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSabotagedSender } from '../resilience/support/sabotaged-sender.ts';
import { Herald } from './support/herald.ts';
import { Scenario } from './support/scenario.ts';

const OTHERS = 99;

/** A sender with a bug that shows on one of the hundred clients of a batch. */
describe('a message that the sender cannot decide', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start({ args: ['--scale', 'sender=0'] });
  });
  afterAll(async () => {
    await herald?.stop();
  });

  it.each([
    { at: 'turn', idempotent: true, calls: 0, end: 'failed' },
    { at: 'turn', idempotent: false, calls: 0, end: 'failed' },
    { at: 'outcome', idempotent: true, calls: 1, end: 'unknown' },
    { at: 'outcome', idempotent: false, calls: 1, end: 'unknown' },
    { at: 'after', idempotent: false, calls: 1, end: 'sent' },
  ] as const)(
    'at $at ends as $end after $calls calls, and its neighbours are sent once each (idempotent: $idempotent)',
    async ({ at, idempotent, calls, end }) => {
      const scenario = new Scenario(herald);
      await scenario.registerMany(OTHERS);
      const poisoned = await scenario.registerOne();
      const sender = await startSabotagedSender(herald, 'poison', {
        POISON_AT: at,
        POISON_CLIENT: poisoned.id,
        PROVIDER_IDEMPOTENT: String(idempotent),
      });
      try {
        const mailing = await scenario.createMailing();
        const { counts, status } = await scenario.untilAllEnded(mailing.id, 60_000);
        const sent = OTHERS + (end === 'sent' ? 1 : 0);
        const none = { queued: 0, failed: 0, unknown: 0, expired: 0, cancelled: 0 };
        expect({ status, counts }).toEqual({ status: 'completed', counts: { ...none, [end]: 1, sent } });
        const journal = await scenario.journal();
        const callsOf = (phone: string): number =>
          journal.filter((entry) => String(entry.phone) === phone).length;
        expect(callsOf(poisoned.phone)).toBe(calls);
        expect(journal).toHaveLength(OTHERS + calls);
        expect(new Set(journal.map(({ phone }) => phone)).size).toBe(OTHERS + calls);
        const message = (await scenario.messagesOf(mailing.id)).find(
          ({ clientId }) => clientId === poisoned.id,
        );
        expect(message).toMatchObject({ status: end, attempts: calls });
        if (end === 'sent') expect(message?.error).toBeNull();
        else expect(message?.error).toMatch(/^undecidable: Error: poison at .* \(poison\.ts:\d+\)$/);
        const path = `/mailings/${mailing.id}/clients/${poisoned.id}`;
        const { reasons } = await herald.api.get<{ reasons: { code: string }[] }>(path);
        expect(reasons[0]?.code).toBe(end === 'sent' ? 'sent' : 'undecidable');
      } finally {
        await sender.stop();
      }
    },
  );
});
