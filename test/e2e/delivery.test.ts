import type { Mailing, Message } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { reportMeasurement } from './support/measurement.ts';
import { summarize } from './support/provider.ts';
import { collectAll, inMs, Scenario, sumOf } from './support/scenario.ts';

describe('delivering a mailing', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start();
  });
  afterEach(async () => {
    await herald.provider.behaveWell();
  });
  afterAll(async () => {
    await herald.stop();
  });

  it('starts at once when the start is past, and sends every message exactly once', async () => {
    const scenario = new Scenario(herald);
    const phones = await scenario.registerMany(600);
    const mailing = await scenario.createMailing();
    const statistics = await scenario.untilAllEnded(mailing.id);
    expect(statistics).toMatchObject({ status: 'completed', planned: 600, counts: { sent: 600 } });
    const journal = await scenario.journal();
    expect(journal.map(({ phone }) => String(phone)).sort()).toEqual([...phones].sort());
    expect(summarize(journal)).toEqual({ distinct: 600, repeats: 0 });
    expect(await scenario.mailing(mailing.id)).toMatchObject({
      status: 'completed',
      settledAt: expect.any(String),
    });
  });

  it('keeps a future start to the moment: nothing before it, the first request right after it', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(50);
    const mailing = await scenario.createMailing({ startAt: inMs(3_000) });
    expect(mailing.status).toBe('scheduled');
    await scenario.untilAllEnded(mailing.id);
    const journal = await scenario.journal();
    const lateMs = Math.min(...journal.map(({ at }) => at)) - Date.parse(mailing.startAt);
    reportMeasurement('first request after startAt, ms', lateMs);
    expect(journal).toHaveLength(50);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(5_000);
  });

  it('sends to those who match code and tag together, and to nobody else', async () => {
    const scenario = new Scenario(herald);
    const wanted = await scenario.registerMany(5, '911');
    await scenario.registerMany(5, '912');
    await scenario.registerMany(5, '911', `${scenario.tag}-other`);
    const filter = { operatorCodes: ['911', '913'], tags: [scenario.tag] };
    const preview = await herald.api.expect('POST', '/mailings/preview', { body: { filter } });
    expect(preview).toMatchObject({ clients: 5, byTimezone: expect.anything() });
    const mailing = await scenario.createMailing({ filter });
    const { planned, counts } = await scenario.untilAllEnded(mailing.id);
    expect({ planned, sent: counts.sent }).toEqual({ planned: 5, sent: 5 });
    const phones = (await scenario.journal()).map(({ phone }) => String(phone));
    expect(phones.sort()).toEqual([...wanted].sort());
  });

  it('starts no request from the end on, and gives every message a fate', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(1_500);
    await herald.provider.behave({ latencyMs: 400 });
    const mailing = await scenario.createMailing({ endAt: inMs(5_000) });
    const statistics = await scenario.untilAllEnded(mailing.id);
    expect(statistics).toMatchObject({ status: 'expired', planned: 1_500 });
    expect(statistics.counts.sent).toBeGreaterThan(0);
    expect(statistics.counts.expired).toBeGreaterThan(0);
    const lastAt = Math.max(...(await scenario.journal()).map(({ at }) => at));
    reportMeasurement('last request before endAt, ms', Date.parse(mailing.endAt) - lastAt);
    expect(lastAt).toBeLessThan(Date.parse(mailing.endAt));
    const messages = await scenario.messagesOf(mailing.id);
    expect(messages).toHaveLength(1_500);
    expect(messages.filter(({ status, endedAt }) => status === 'queued' || endedAt === null)).toEqual([]);
    expect(sumOf(statistics.counts)).toBe(1_500);
    const settled = await scenario.mailing(mailing.id);
    const endedAfterMs = Date.parse(settled.settledAt ?? '') - Date.parse(mailing.endAt);
    reportMeasurement('settled after endAt, ms', endedAfterMs);
  });

  it('fails the message of a client who was removed between plan and sending', async () => {
    const scenario = new Scenario(herald);
    const removed = await scenario.registerOne();
    const kept = await scenario.registerOne();
    await herald.provider.behave({ outage: 'unavailable' });
    const mailing = await scenario.createMailing();
    await herald.api.expect('POST', `/mailings/${mailing.id}/pause`, {});
    await herald.api.expect('DELETE', `/clients/${removed.id}`);
    await herald.provider.behaveWell();
    const begin = performance.now();
    await herald.api.expect('POST', `/mailings/${mailing.id}/resume`, {});
    await scenario.untilAllEnded(mailing.id, 60_000);
    reportMeasurement('resumed to completed, ms', performance.now() - begin);
    const messages = await scenario.messagesOf(mailing.id);
    const fates = Object.fromEntries(
      messages.map(({ clientId, status, error }) => [clientId, { status, error }]),
    );
    expect(fates).toEqual({
      [removed.id]: { status: 'failed', error: 'client-removed' },
      [kept.id]: { status: 'sent', error: null },
    });
  });

  it('repeats what the provider refuses for now, and gives up what it refuses for good', async () => {
    const scenario = new Scenario(herald);
    const phones = await scenario.registerMany(12);
    const [unluckyPhone = ''] = phones;
    await herald.provider.behave({
      rules: [
        { fault: { kind: 'status', status: 400 }, match: { phonePrefix: unluckyPhone } },
        { fault: { kind: 'status', status: 503 }, match: { firstAttempts: 1 } },
      ],
    });
    const mailing = await scenario.createMailing();
    const { counts, retries } = await scenario.untilAllEnded(mailing.id, 60_000);
    expect({ sent: counts.sent, failed: counts.failed }).toEqual({ sent: 11, failed: 1 });
    expect(retries).toBe(11);
    const [one] = (await scenario.messagesOf(mailing.id)).filter(({ status }) => status === 'sent');
    const message = await herald.api.get<Message & { history: readonly object[] }>(`/messages/${one?.id}`);
    expect(message).toMatchObject({ status: 'sent', attempts: 2, mailingId: mailing.id });
    expect(message.history).toMatchObject([
      { event: 'MessagesQueued' },
      { event: 'MessageRetried', attempt: 1, statusCode: 503 },
      { event: 'MessageSent', attempt: 2, statusCode: 200 },
    ]);
    const ofClient = await collectAll<Message>(herald, `/clients/${one?.clientId}/messages`);
    expect(ofClient.map(({ id }) => id)).toEqual([one?.id]);
    const failed = await collectAll<Message>(herald, `/mailings/${mailing.id}/messages?status=failed`);
    expect(failed).toHaveLength(1);
  });

  it('fails what the provider refuses in its own words, or with 403, after three calls, and tells its words', async () => {
    const scenario = new Scenario(herald);
    const [first = '', second = ''] = await scenario.registerMany(30);
    const words = { kind: 'refusal', code: 5, message: `no such number: ${first}` };
    const blocked = { kind: 'status', status: 403, body: { code: 7, message: 'blocked' } };
    await herald.provider.behave({
      rules: [
        { fault: words, match: { phonePrefix: first } },
        { fault: blocked, match: { phonePrefix: second } },
      ],
    });
    const mailing = await scenario.createMailing();
    const { counts, status } = await scenario.untilAllEnded(mailing.id, 60_000);
    expect({ sent: counts.sent, failed: counts.failed, status }).toEqual({
      sent: 28,
      failed: 2,
      status: 'completed',
    });
    const failed = await collectAll<Message>(herald, `/mailings/${mailing.id}/messages?status=failed`);
    expect(failed.map(({ attempts, error }) => [attempts, error]).sort()).toEqual([
      [3, 'code 5: no such number: *****'],
      [3, 'status 403, code 7: blocked'],
    ]);
    const [one] = failed.filter(({ error }) => error?.startsWith('code'));
    const { history } = await herald.api.get<{ history: readonly object[] }>(`/messages/${one?.id}`);
    const call = { statusCode: 200, error: 'code 5: no such number: *****' };
    expect(history).toMatchObject([
      { event: 'MessagesQueued' },
      { event: 'MessageRetried', attempt: 1, ...call },
      { event: 'MessageRetried', attempt: 2, ...call },
      { event: 'MessageFailed', attempt: 3, ...call },
    ]);
    const { provider } = await herald.api.get<{ provider: { senders: object[] } }>('/monitor');
    expect(provider.senders[0]).toMatchObject({ slots: { used: expect.any(Number), total: 64 } });
  });

  it('holds a paused mailing where it is, and goes on where it was', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(800);
    await herald.provider.behave({ latencyMs: 300 });
    const mailing = await scenario.createMailing();
    await scenario.untilProviderGot(100);
    const paused = await herald.api.expect<Mailing>('POST', `/mailings/${mailing.id}/pause`, {});
    expect(paused.status).toBe('paused');
    const atPause = await untilStill(scenario);
    await herald.provider.behaveWell();
    const other = new Scenario(herald);
    await other.registerMany(20);
    // Another mailing that goes through from its start to its end shows that senders work while this one rests.
    await other.untilAllEnded((await other.createMailing()).id);
    expect((await scenario.journal()).length).toBe(atPause);
    expect((await scenario.statistics(mailing.id)).counts.queued).toBeGreaterThan(0);
    const begin = performance.now();
    await herald.api.expect('POST', `/mailings/${mailing.id}/resume`, {});
    const { counts } = await scenario.untilAllEnded(mailing.id, 90_000);
    reportMeasurement('paused 800 resumed to completed, ms', performance.now() - begin);
    expect(counts.sent).toBe(800);
    expect(summarize(await scenario.journal())).toEqual({ distinct: 800, repeats: 0 });
  });

  /** Waits until the provider has got nothing of a scenario for longer than a call takes; answers how much it has got. */
  function untilStill(scenario: Scenario): Promise<number> {
    return eventually(async () => {
      const before = (await scenario.journal()).length;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return (await scenario.journal()).length === before ? before : null;
    });
  }
});
