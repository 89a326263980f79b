import {
  type EventBody,
  eventSubjects,
  type LogScope,
  makeEvent,
  newId,
  PAGE_BYTES,
  positionsQuery,
  whyQuery,
} from '@herald/contracts';
import { someClient, someMailing } from '@herald/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { playQuery } from '../../test/play-query.ts';
import { useGateway } from '../../test/use-gateway.ts';
import { logEntryList } from './answer-log.ts';

const AS_OF = '2026-01-31T09:00:00.000Z';
const harness = useGateway({ QUERY_WAIT_MS: 3_000 }, { logPages: 2 });

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});

async function append(subject: string, body: EventBody | string): Promise<number> {
  const provenance = { source: 'mailing', correlationId: 'request-1', actor: 'anna' };
  const text = typeof body === 'string' ? body : JSON.stringify(makeEvent(body, provenance, new Date()));
  const result = await harness.others.writer.publish(subject, text);
  if (result.kind !== 'stored') throw new Error(result.kind);
  return result.sequence;
}

/** The statistics, as if these positions were all that they know. @returns what they were asked */
async function playPositions(positions: readonly number[]): Promise<unknown[]> {
  const asked: unknown[] = [];
  const stop = await playQuery(harness.others, positionsQuery, async (request) => {
    asked.push(request);
    const { after, limit, from } = request;
    const behind = positions.filter((position) => position > (after ?? 0));
    const items = from === 'oldest' ? behind.slice(0, limit) : behind.slice(-limit);
    const next = from === 'oldest' && behind.length > limit ? (items.at(-1) ?? null) : null;
    return { items, next, asOf: AS_OF };
  });
  stops.push(stop);
  return asked;
}

const large = (bytes: number): EventBody => ({
  type: 'MailingCreated',
  data: { mailing: someMailing({ text: 'x'.repeat(bytes) }), recentCommands: [] },
});

describe('the events of an entity', () => {
  test('are fetched by their positions, page by page, with what cannot be read in its place', async () => {
    const mailing = someMailing();
    const subject = eventSubjects.mailing(mailing.id);
    const data = { mailing, recentCommands: [newId()] };
    const positions = [
      await append(subject, { type: 'MailingCreated', data }),
      await append(subject, '{"type": "MailingArch'),
      await append(subject, { type: 'MailingDeleted', data }),
    ];
    const asked = await playPositions(positions);
    const first = await harness.call('GET', `/mailings/${mailing.id}/events?limit=2`);
    expect(logEntryList.parse(first.body)).toMatchObject({
      items: [
        {
          position: positions[0],
          type: 'MailingCreated',
          actor: 'anna',
          correlationId: 'request-1',
          data: { mailing: { id: mailing.id } },
        },
        { position: positions[1], type: null, data: null, unreadable: 'damaged' },
      ],
      nextCursor: expect.any(String),
      asOf: AS_OF,
    });
    expect(first.body.items[0].data).not.toHaveProperty('recentCommands');
    const path = `/mailings/${mailing.id}/events?messages=true&cursor=${first.body.nextCursor}`;
    const second = await harness.call('GET', path);
    expect(second.body).toMatchObject({ items: [{ type: 'MailingDeleted' }], nextCursor: null });
    const scope: LogScope = { kind: 'mailing', mailingId: mailing.id, withMessages: false };
    expect(asked).toEqual([
      { scope, from: 'oldest', limit: 2, after: null },
      { scope: { ...scope, withMessages: true }, from: 'oldest', limit: 100, after: positions[1] },
    ]);
  });

  test('are those of a client too, also when it was removed or its last event is damaged', async () => {
    const client = someClient();
    const subject = eventSubjects.client(client.id);
    const data = { client, recentCommands: [] };
    const position = await append(subject, { type: 'ClientRemoved', data });
    const asked = await playPositions([position]);
    await append(subject, 'damaged');
    const answer = await harness.call('GET', `/clients/${client.id.toUpperCase()}/events?messages=false`);
    expect(answer).toMatchObject({ status: 422 });
    expect(await harness.call('GET', `/clients/${client.id.toUpperCase()}/events`)).toMatchObject({
      status: 200,
      body: { items: [{ position, type: 'ClientRemoved' }], nextCursor: null },
    });
    expect(asked).toEqual([
      { scope: { kind: 'client', clientId: client.id }, from: 'oldest', limit: 100, after: null },
    ]);
  });

  test('are none while the statistics have not met it', async () => {
    const mailing = someMailing();
    await append(eventSubjects.mailing(mailing.id), large(1));
    await playPositions([]);
    expect((await harness.call('GET', `/mailings/${mailing.id}/events`)).body).toEqual({
      items: [],
      nextCursor: null,
      asOf: AS_OF,
    });
  });
});

describe('the log of all', () => {
  test('is read behind a position, or from its end', async () => {
    const positions = [];
    for (let index = 0; index < 20; index += 1)
      positions.push(await append(eventSubjects.mailing(newId()), large(1)));
    const asked = await playPositions(positions);
    const read = async (query: string): Promise<readonly number[]> =>
      (await harness.call('GET', `/log${query}`)).body.items.map(
        (item: { position: number }) => item.position,
      );
    expect(await read('')).toEqual(positions);
    expect(await read(`?after=${positions[4]}&limit=3`)).toEqual(positions.slice(5, 8));
    expect(await read('?last=11')).toEqual(positions.slice(-11));
    const { body } = await harness.call('GET', '/log?after=0&limit=9');
    expect(await read(`?cursor=${body.nextCursor}`)).toEqual(positions.slice(9));
    expect(asked[0]).toEqual({ scope: { kind: 'all' }, from: 'oldest', limit: 100, after: null });
  });

  test('has pages that stay small, and leaves nothing out for it', async () => {
    const size = Math.ceil(PAGE_BYTES / 3);
    const positions = [];
    for (let index = 0; index < 5; index += 1)
      positions.push(await append(eventSubjects.mailing(newId()), large(size)));
    positions.push(await append(eventSubjects.mailing(newId()), large(PAGE_BYTES + 1)));
    await playPositions(positions);
    const pages: number[][] = [];
    for (let cursor = ''; pages.length < positions.length; ) {
      const { body } = await harness.call('GET', `/log?limit=1000${cursor}`);
      pages.push(body.items.map((item: { position: number }) => item.position));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(pages).toEqual([
      positions.slice(0, 2),
      positions.slice(2, 4),
      positions.slice(4, 5),
      positions.slice(5),
    ]);
    const { body } = await harness.call('GET', '/log?last=6');
    expect(body).toMatchObject({ items: [{ position: positions[5] }], nextCursor: null });
  });

  test('is refused where more pages are read at once than fit', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let asked = 0;
    stops.push(
      await playQuery(harness.others, positionsQuery, async () => {
        asked += 1;
        await promise;
        return { items: [], next: null, asOf: AS_OF };
      }),
    );
    const under = [harness.call('GET', '/log'), harness.call('GET', '/log')];
    await expect.poll(() => asked).toBe(2);
    expect(await harness.call('GET', '/log')).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    resolve();
    for (const answer of await Promise.all(under)) expect(answer.status).toBe(200);
    expect((await harness.call('GET', '/log')).status).toBe(200);
  });
});

describe('why', () => {
  const [mailingId, clientId] = [newId(), newId()];
  const path = `/mailings/${mailingId}/clients/${clientId}`;
  const reasons = [{ code: 'sent' as const, text: 'It was.', event: 'MessageSent', position: 7, at: AS_OF }];

  test('is answered with the message, where there is one', async () => {
    const message = {
      ...{ id: 17, mailingId, clientId, status: 'sent' as const, attempts: 1, error: null },
      ...{ createdAt: AS_OF, endedAt: AS_OF },
    };
    const asked: unknown[] = [];
    const explanation = { outcome: 'sent' as const, reasons, message, asOf: AS_OF };
    stops.push(
      await playQuery(harness.others, whyQuery, async (request) => {
        asked.push(request);
        return {
          kind: 'explained' as const,
          explanation: asked.length === 1 ? explanation : { ...explanation, message: null },
        };
      }),
    );
    expect(await harness.call('GET', path)).toMatchObject({ status: 200, body: explanation });
    const { message: _, ...without } = explanation;
    expect(
      (
        await harness.call(
          'GET',
          path.toUpperCase().replace('/MAILINGS', '/mailings').replace('/CLIENTS', '/clients'),
        )
      ).body,
    ).toEqual(without);
    expect(asked).toEqual([
      { mailingId, clientId },
      { mailingId, clientId },
    ]);
  });

  test.each(['mailing', 'client'] as const)('is not there for a %s that never was', async (what) => {
    stops.push(await playQuery(harness.others, whyQuery, async () => ({ kind: 'missing' as const, what })));
    expect(await harness.call('GET', path)).toMatchObject({
      status: 404,
      body: { code: `${what}-not-found` },
    });
  });
});
