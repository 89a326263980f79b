import {
  clientsQuery,
  eventSubjects,
  type HeraldEvent,
  type Message,
  mailingStatsQuery,
  mailingsQuery,
  makeEvent,
  messageQuery,
  messagesQuery,
  newId,
  overviewQuery,
  previewQuery,
  type QueryDefinition,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import { someClient, someMailing } from '@herald/testkit';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { useGateway } from '../../test/use-gateway.ts';
import { clientList, mailingList, messageList } from '../schemas/lists.ts';

const AS_OF = '2026-01-31T09:00:00.000Z';
const COUNTS = { queued: 0, sent: 1, failed: 0, expired: 0, cancelled: 0, unknown: 0 };

const harness = useGateway({ QUERY_WAIT_MS: 500 });

const append = (subject: string, event: HeraldEvent) =>
  harness.others.writer.publish(subject, JSON.stringify(event));
const provenance = { source: 'mailing', correlationId: 'test' };
/** Answers a question; a question asked now finds its answerer, though the two have connections of their own. */
async function play<Request extends z.ZodType, Reply extends z.ZodType>(
  query: QueryDefinition<Request, Reply>,
  handle: (request: z.infer<Request>) => Promise<z.input<Reply>>,
): Promise<() => Promise<void>> {
  const { broker, log } = harness.others;
  const stop = serveQuery(broker, log, query, handle);
  await broker.connection.flush();
  return async () => {
    await stop();
    await broker.connection.flush();
  };
}

test('a client is read from the log, with its version, until it is removed', async () => {
  const client = someClient({ version: 3 });
  const subject = eventSubjects.client(client.id);
  const body = { client, recentCommands: [] };
  await append(subject, makeEvent({ type: 'ClientRegistered', data: body }, provenance, new Date()));
  const answer = await harness.call('GET', `/clients/${client.id}`);
  expect(answer).toMatchObject({ status: 200, body: client });
  expect(answer.headers.get('etag')).toBe('"3"');
  expect(await harness.call('GET', `/clients/${client.id.toUpperCase()}`)).toMatchObject({ body: client });

  const known = await harness.call('GET', `/clients/${client.id}`, undefined, {
    'If-None-Match': 'W/"2", "3"',
  });
  expect(known).toMatchObject({ status: 304, body: '' });

  await append(subject, makeEvent({ type: 'ClientRemoved', data: body }, provenance, new Date()));
  expect(await harness.call('GET', `/clients/${client.id}`)).toMatchObject({
    status: 404,
    body: { code: 'client-not-found' },
  });
});

test.each([
  ['MailingDeleted', 'deleted', 404],
  ['MailingSettled', 'deleted', 404],
  ['MailingSettled', 'completed', 200],
] as const)(
  'a mailing whose last event is %s with status %s is answered %i',
  async (type, status, answered) => {
    const mailing = someMailing({ status, audience: { messages: 1, batches: 1 } });
    const data = { mailing, recentCommands: [] };
    await append(eventSubjects.mailing(mailing.id), makeEvent({ type, data }, provenance, new Date()));
    const answer = await harness.call('GET', `/mailings/${mailing.id}`);
    expect(answer.status).toBe(answered);
    if (answered === 200) expect(answer.body).not.toHaveProperty('audience');
    else expect(answer.body.code).toBe('mailing-not-found');
  },
);

test('what nobody can read in the log is our fault, and told without a word of it', async () => {
  const id = newId();
  await harness.others.writer.publish(eventSubjects.client(id), '{"secret":1}');
  const answer = await harness.call('GET', `/clients/${id}`, undefined, { 'X-Correlation-Id': 'find-me' });
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
  expect(answer.body.detail).toContain('find-me');
  expect(JSON.stringify(answer.body)).not.toMatch(/secret|specversion|Zod/);
});

test('a page is put together from pieces, and its cursor leads on', async () => {
  const clients = Array.from({ length: 7 }, () => someClient()).sort((a, b) => (a.id < b.id ? -1 : 1));
  const asked: unknown[] = [];
  const stop = await play(clientsQuery, async (request) => {
    asked.push(request);
    const rest = clients.filter(({ id }) => request.after === null || id > request.after);
    const items = rest.slice(0, Math.min(2, request.limit));
    const next = rest.length > items.length ? (items.at(-1)?.id ?? null) : null;
    return { items, next, asOf: `${AS_OF}#${asked.length}` };
  });
  const first = await harness.call('GET', '/clients?limit=5&operatorCode=916&tag=');
  expect(clientList.parse(first.body)).toMatchObject({ items: clients.slice(0, 5), asOf: `${AS_OF}#1` });
  expect(asked[0]).toEqual({ limit: 5, after: null, operatorCode: '916', tag: '' });
  const second = await harness.call('GET', `/clients?limit=5&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ items: clients.slice(5), nextCursor: null });
  await stop();
});

test('mailings are listed as they are shown one by one', async () => {
  const mailing = someMailing({ status: 'paused' });
  const next = { createdAt: mailing.createdAt, id: mailing.id };
  const stop = await play(mailingsQuery, async ({ status, after }) => ({
    items: after === null && status === 'paused' ? [mailing] : [],
    next: after === null ? next : null,
    asOf: AS_OF,
  }));
  const page = await harness.call('GET', '/mailings?status=paused&limit=1');
  expect(mailingList.parse(page.body).items).toHaveLength(1);
  expect(page.body.items[0]).not.toHaveProperty('audience');
  const end = await harness.call('GET', `/mailings?limit=1&cursor=${page.body.nextCursor}`);
  expect(end.body).toEqual({ items: [], nextCursor: null, asOf: AS_OF });
  await stop();
});

test('statistics over all mailings, and of one', async () => {
  const mailing = someMailing();
  const overview = { mailing: mailing.id, name: 'n', status: 'running' as const, planned: 1, counts: COUNTS };
  const detail = {
    audienceResolved: true,
    retries: 2,
    firstSentAt: AS_OF,
    lastSentAt: AS_OF,
    ratePerSecond: null,
    expectedEndAt: null,
    timelineSeconds: 1,
    breakdown: null,
    timeline: [{ at: AS_OF, sent: 1, failed: 0, expired: 0, cancelled: 0, unknown: 0 }],
    asOf: AS_OF,
  };
  const stops = [
    await play(overviewQuery, async () => ({
      items: [overview],
      next: null,
      asOf: AS_OF,
      totals: { ...COUNTS, planned: 1 },
    })),
    await play(mailingStatsQuery, async ({ mailingId }) => ({
      stats: mailingId === mailing.id ? { ...overview, ...detail } : null,
    })),
  ];
  expect((await harness.call('GET', '/stats')).body).toEqual({
    items: [overview],
    nextCursor: null,
    asOf: AS_OF,
    totals: { ...COUNTS, planned: 1 },
  });
  const { name: _, ...shown } = overview;
  const { breakdown: _notAsked, ...answered } = detail;
  expect((await harness.call('GET', `/mailings/${mailing.id}/stats`)).body).toEqual({
    ...shown,
    ...answered,
  });
  expect(await harness.call('GET', `/mailings/${newId()}/stats`)).toMatchObject({
    status: 404,
    body: { code: 'mailing-not-found' },
  });
  const fresh = someMailing();
  const created = makeEvent(
    { type: 'MailingCreated', data: { mailing: fresh, recentCommands: [] } },
    provenance,
    new Date(),
  );
  await append(eventSubjects.mailing(fresh.id), created);
  expect(await harness.call('GET', `/mailings/${fresh.id}/stats`)).toMatchObject({
    status: 200,
    body: { mailing: fresh.id, planned: 0, audienceResolved: false, asOf: fresh.createdAt },
  });
  for (const stop of stops) await stop();
});

test('messages of a mailing, of a client, and one by its number', async () => {
  const mailing = someMailing({ status: 'deleted' });
  const message: Message = {
    id: 17,
    mailingId: mailing.id,
    clientId: newId(),
    status: 'sent',
    createdAt: AS_OF,
    endedAt: AS_OF,
    attempts: 1,
    error: null,
  };
  const history = [
    {
      at: AS_OF,
      event: 'MessageSent',
      position: 30,
      actor: null,
      correlationId: 'request-1',
      attempt: 1,
      statusCode: 200,
      durationMs: 12,
      error: null,
    },
  ];
  const asked: unknown[] = [];
  const stops = [
    await play(messagesQuery, async (request) => {
      asked.push(request);
      return { items: [message], next: null, asOf: AS_OF };
    }),
    await play(messageQuery, async ({ messageId }) => ({
      message: messageId === 17 ? { ...message, history } : null,
    })),
  ];
  const data = { mailing, recentCommands: [] };
  await append(
    eventSubjects.mailing(mailing.id),
    makeEvent({ type: 'MailingDeleted', data }, provenance, new Date()),
  );
  const page = await harness.call(
    'GET',
    `/mailings/${mailing.id}/messages?status=sent&clientId=${message.clientId}`,
  );
  expect(messageList.parse(page.body).items).toEqual([message]);
  expect(asked).toEqual([
    { mailingId: mailing.id, clientId: message.clientId, status: 'sent', limit: 100, after: null },
  ]);
  expect((await harness.call('GET', '/messages/17')).body).toEqual({ ...message, history });
  expect(await harness.call('GET', '/messages/18')).toMatchObject({
    status: 404,
    body: { code: 'message-not-found' },
  });
  for (const stop of stops) await stop();
});

test('a preview counts who would get it', async () => {
  const stop = await play(previewQuery, async ({ filter }) => ({
    clients: 'tags' in filter ? 2 : 0,
    byTimezone: { UTC: 2 },
    asOf: AS_OF,
  }));
  const answer = await harness.call('POST', '/mailings/preview', { filter: { tags: ['vip'] } });
  expect(answer).toMatchObject({ status: 200, body: { clients: 2, byTimezone: { UTC: 2 } } });
  await stop();
});
