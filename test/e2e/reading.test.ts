import { eventSubjects, type HeraldEvent, type MessageCounts, parseEvent } from '@herald/contracts';
import { connectBroker, readLog } from '@herald/event-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import type { Problem } from './support/rest.ts';
import { collectAll, inMs, newPhone, type Page, Scenario, sumOf } from './support/scenario.ts';

type Overview = Page<{ mailing: string; planned: number; counts: MessageCounts }> & {
  readonly totals: MessageCounts & { readonly planned: number };
};
type Report = { readonly instance: string; readonly ready: boolean };
type Monitor = {
  readonly services: Readonly<Record<string, readonly Report[]>>;
  readonly provider: { readonly breaker: string; readonly tokenRejected: boolean };
  readonly openMailings: readonly object[];
  readonly commandBacklog: number;
  readonly lanes: readonly { readonly behind: number }[];
};

const NOBODY = '00000000-0000-4000-8000-000000000000';
const json = { 'content-type': 'application/json' };
const client = (changes: object) => ({ phone: newPhone(), timezone: 'UTC', ...changes });
const mailing = (changes: object) => ({
  ...{ text: 'Hello', startAt: inMs(60_000), endAt: inMs(120_000), filter: { everyone: true } },
  ...changes,
});

describe('what the system tells', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start();
  });
  afterAll(async () => {
    await herald.stop();
  });

  async function readEvents(filter: string): Promise<readonly HeraldEvent[]> {
    const broker = await connectBroker({ url: herald.natsUrl, name: 'e2e' });
    const { signal } = new AbortController();
    const events: HeraldEvent[] = [];
    try {
      for await (const records of readLog(broker, { filter, startSequence: 1, signal, stopAtEnd: true })) {
        events.push(...records.map(({ text }) => parseEvent(text)));
      }
    } finally {
      await broker.connection.close();
    }
    return events;
  }

  it('counts every message in the statistics of its mailing, in its minutes and in the totals', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(120);
    const { id } = await scenario.createMailing({ name: 'Counted' });
    const statistics = await scenario.untilAllEnded(id);
    expect(statistics).toMatchObject({ mailing: id, planned: 120, retries: 0, counts: { sent: 120 } });
    expect(statistics.timeline.reduce((total, { sent }) => total + sent, 0)).toBe(120);
    const { firstSentAt, lastSentAt } = statistics;
    expect(Date.parse(firstSentAt ?? '')).toBeLessThanOrEqual(Date.parse(lastSentAt ?? ''));
    const overview = await herald.api.get<Overview>('/stats?limit=1000');
    const own = overview.items.find((item) => item.mailing === id);
    expect(own).toMatchObject({ name: 'Counted', status: 'completed', planned: 120, counts: { sent: 120 } });
    const { planned, ...totals } = overview.totals;
    expect(sumOf(totals)).toBe(planned);
    expect(planned).toBe(overview.items.reduce((sum, item) => sum + item.planned, 0));
    const completed = await herald.api.get<Overview>('/stats?status=expired');
    expect(completed.items.some((item) => item.mailing === id)).toBe(false);
    const messages = await collectAll<{ id: number }>(herald, `/mailings/${id}/messages?limit=50`);
    expect(new Set(messages.map((message) => message.id)).size).toBe(120);
  });

  it('carries a request by its correlation id into every event that it led to', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerOne();
    const correlationId = `e2e-${scenario.tag}`;
    const { id } = await scenario.createMailing({}, { 'x-correlation-id': correlationId });
    await scenario.untilAllEnded(id);
    await scenario.untilStatus(id, 'completed');
    const events = [
      ...(await readEvents(eventSubjects.mailing(id))),
      ...(await readEvents(`events.*.message.${id}.>`)),
    ];
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'MailingCreated',
        'MailingStarted',
        'MailingSettled',
        'MessagesQueued',
        'OutcomesRecorded',
      ]),
    );
    const strangers = events.filter(({ correlationid }) => correlationid !== correlationId);
    expect(strangers.map(({ type }) => type)).toEqual([]);
  });

  it('answers with the correlation id of the request, or one of its own', async () => {
    const given = await herald.api.call('GET', '/mailings', { headers: { 'x-correlation-id': 'mine-1' } });
    expect(given.headers['x-correlation-id']).toBe('mine-1');
    const made = await herald.api.call('GET', '/nowhere');
    expect(made.headers['x-correlation-id']).toMatch(/.{8,}/);
  });

  it('shows the state of all parts on the monitor', async () => {
    const isCalm = async () => {
      const monitor = await herald.api.get<Monitor>('/monitor');
      expect(Object.keys(monitor.services).sort()).toEqual([
        'gateway',
        'mailing',
        'scheduler',
        'sender',
        'stats',
      ]);
      expect(
        Object.values(monitor.services)
          .flat()
          .every(({ ready }) => ready),
      ).toBe(true);
      expect(monitor).toMatchObject({
        provider: { breaker: 'closed', tokenRejected: false },
        openMailings: [],
        commandBacklog: 0,
        lanes: [{ behind: 0 }],
      });
      return true;
    };
    await expect.poll(isCalm, { timeout: 10_000 }).toBe(true);
  });

  it('serves health, metrics and its own documentation', async () => {
    for (const path of ['//healthz', '//readyz', '//metrics', '//docs/', '//openapi.json']) {
      expect((await herald.api.call('GET', path)).status, path).toBe(200);
    }
  });

  const refusals: readonly [string, string, string, object | string | undefined, number][] = [
    ['an unknown path', 'GET', '/nowhere', undefined, 404],
    ['an unknown method', 'PUT', '/clients', {}, 405],
    ['a missing body', 'POST', '/clients', undefined, 400],
    ['a body that is no JSON', 'POST', '/clients', '{"phone":', 400],
    ['a body that is a list', 'POST', '/clients', '[]', 422],
    ['an unknown field', 'POST', '/clients', client({ nickname: 'x' }), 422],
    ['a phone of another country', 'POST', '/clients', client({ phone: '49161234567' }), 422],
    ['a phone that is a number', 'POST', '/clients', client({ phone: 79_161_234_567 }), 422],
    ['a time zone that is none', 'POST', '/clients', client({ timezone: 'Mars/Base' }), 422],
    ['a control character', 'POST', '/clients', client({ tag: 'a\u0000b' }), 422],
    ['a tag that is too long', 'POST', '/clients', client({ tag: 'x'.repeat(101) }), 422],
    ['an id that is none', 'GET', '/clients/17', undefined, 422],
    ['an unknown client', 'GET', `/clients/${NOBODY}`, undefined, 404],
    ['a change of an unknown client', 'PATCH', `/clients/${NOBODY}`, { tag: 'x' }, 404],
    ['a removal of an unknown client', 'DELETE', `/clients/${NOBODY}`, undefined, 404],
    ['an empty import', 'POST', '/clients/import', undefined, 415],
    ['a limit of 0', 'GET', '/clients?limit=0', undefined, 422],
    ['a limit of 1001', 'GET', '/mailings?limit=1001', undefined, 422],
    ['an unknown status', 'GET', '/mailings?status=done', undefined, 422],
    ['a cursor that is none', 'GET', '/mailings?cursor=!', undefined, 422],
    ['a filter of nobody', 'POST', '/mailings', mailing({ filter: {} }), 422],
    ['an end before the start', 'POST', '/mailings', mailing({ endAt: inMs(30_000) }), 422],
    ['an end in the past', 'POST', '/mailings', mailing({ startAt: inMs(-9_000), endAt: inMs(-5_000) }), 422],
    ['a time without an offset', 'POST', '/mailings', mailing({ startAt: '2030-01-01T00:00:00' }), 422],
    ['an empty text', 'POST', '/mailings', mailing({ text: '' }), 422],
    ['a text that is too long', 'POST', '/mailings', mailing({ text: 'x'.repeat(4_097) }), 422],
    ['a body that is too large', 'POST', '/mailings', mailing({ text: 'x'.repeat(600_000) }), 413],
    [
      'a window of no width',
      'POST',
      '/mailings',
      mailing({ localWindow: { from: '09:00', to: '09:00' } }),
      422,
    ],
    ['a pause of an unknown mailing', 'POST', `/mailings/${NOBODY}/pause`, undefined, 404],
    ['statistics of an unknown mailing', 'GET', `/mailings/${NOBODY}/stats`, undefined, 404],
    ['messages of an unknown mailing', 'GET', `/mailings/${NOBODY}/messages`, undefined, 404],
    ['events of an unknown mailing', 'GET', `/mailings/${NOBODY}/events`, undefined, 404],
    ['events of an unknown client', 'GET', `/clients/${NOBODY}/events`, undefined, 404],
    ['why of an unknown mailing', 'GET', `/mailings/${NOBODY}/clients/${NOBODY}`, undefined, 404],
    ['the log from two places', 'GET', '/log?after=1&last=1', undefined, 422],
    ['a message that is no number', 'GET', '/messages/abc', undefined, 422],
    ['an unknown message', 'GET', '/messages/999999999', undefined, 404],
    ['an unknown command', 'GET', `/commands/${NOBODY}`, undefined, 404],
    ['a preview of nobody', 'POST', '/mailings/preview', { filter: {} }, 422],
  ];
  it.each(refusals)('answers %s with a problem document', async (_what, method, path, body, status) => {
    const headers = typeof body === 'string' ? json : {};
    const options = body === undefined ? {} : { body, headers };
    const answer = await herald.api.call<Problem>(method, path, options);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, title: expect.any(String), code: expect.any(String) });
  });
});
