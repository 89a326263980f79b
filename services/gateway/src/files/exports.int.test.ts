import { connect } from 'node:net';
import {
  type Client,
  clientsQuery,
  eventSubjects,
  makeEvent,
  messagesFileQuery,
  newId,
} from '@herald/contracts';
import { eventually, someClient, someMailing } from '@herald/testkit';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startHarness } from '../../test/harness.ts';
import { playQuery } from '../../test/play-query.ts';
import { sayRaw } from '../../test/say-raw.ts';
import { useGateway } from '../../test/use-gateway.ts';

const FILES = { atOnce: 2, stallMs: 1_000, retryMs: 1_500 };
const harness = useGateway({ QUERY_WAIT_MS: 500 }, { files: FILES });
const mailing = someMailing({ status: 'running' });
const LINE = `${'x'.repeat(99)}\n`;
/** More than the buffers of both ends of a connection take. */
const LARGE = LINE.repeat(4_000);

const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const event = makeEvent(
    { type: 'MailingStarted', data: { mailing, recentCommands: [] } },
    { source: 'test', correlationId: 'test' },
    new Date(),
  );
  await harness.others.writer.publish(eventSubjects.mailing(mailing.id), JSON.stringify(event));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Request = Parameters<
  Parameters<typeof playQuery<typeof messagesFileQuery.request, typeof messagesFileQuery.reply>>[2]
>[0];
const playMessages = async (
  handle: (request: Request) => Promise<{ text: string; next: number | null }>,
): Promise<() => Promise<void>> => {
  const stop = await playQuery(harness.others, messagesFileQuery, handle);
  stops.push(stop);
  return stop;
};
const path = `/mailings/${mailing.id}/messages/export`;
const fetchFile = (query = '', init: RequestInit = {}) => fetch(`${harness.url}/api/v1${path}${query}`, init);
const filesUnderWay = async (): Promise<number> => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  return Number(/^herald_http_files(?:\{.*\})? (\d+)$/m.exec(metrics)?.[1]);
};
/** Reads nothing of an answer. */
function askAndTakeNothing(): { readonly closed: Promise<void>; destroy(): void } {
  const socket = connect(harness.port, '127.0.0.1', () => {
    socket.write(`GET /api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
  socket.pause();
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { closed, destroy: () => socket.destroy() };
}

test('the messages of a mailing come as one file, put together from pieces, with a name that tells what it is', async () => {
  const asked: Request[] = [];
  await playMessages(async (request) => {
    asked.push(request);
    const text = `${request.after ?? 'head'}\n`;
    return { text, next: (request.after ?? 0) < 3 ? (request.after ?? 0) + 1 : null };
  });
  const answer = await fetchFile('?format=ndjson&status=failed', { headers: { 'X-Correlation-Id': 'mine' } });
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/x-ndjson',
    'content-disposition': `attachment; filename="mailing-${mailing.id}-messages-failed.ndjson"`,
    'x-correlation-id': 'mine',
    'transfer-encoding': 'chunked',
  });
  expect(await answer.text()).toBe('head\n1\n2\n3\n');
  expect(asked).toEqual(
    [null, 1, 2, 3].map((after) => ({ mailingId: mailing.id, format: 'ndjson', status: 'failed', after })),
  );
  const csv = await fetchFile();
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
  expect(csv.headers.get('content-disposition')).toContain('-messages.csv"');
  await csv.text();
});

test('what cannot be begun is refused before the first byte', async () => {
  const unknown = await harness.call('GET', `/mailings/${newId()}/messages/export`);
  expect(unknown).toMatchObject({ status: 404, body: { code: 'mailing-not-found' } });
  expect(await harness.call('GET', `${path}?format=xlsx`)).toMatchObject({
    status: 422,
    body: { errors: [{ path: '/format' }] },
  });
  expect(await harness.call('GET', `${path}?limit=5`)).toMatchObject({
    status: 422,
    body: { errors: [{ path: '/limit' }] },
  });
  expect(await harness.call('GET', path)).toMatchObject({
    status: 503,
    body: { code: 'service-unavailable' },
  });
  expect(await filesUnderWay()).toBe(0);
});

test('HEAD tells of the file and reads none of it', async () => {
  let asked = 0;
  await playMessages(async () => {
    asked += 1;
    return { text: '', next: null };
  });
  const answer = await fetchFile('', { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toContain('messages.csv');
  expect(asked).toBe(0);
});

test('a file whose next piece does not come for too long breaks off, and nobody takes it for whole', async () => {
  const stop = await playMessages(async ({ after }) => ({ text: LINE, next: (after ?? 0) + 1 }));
  const answer = await fetchFile();
  const reader = answer.body?.getReader();
  await reader?.read();
  await stop();
  const readRest = async () => {
    while ((await reader?.read())?.done === false);
  };
  await expect(readRest()).rejects.toThrow();
  await eventually(async () => (await filesUnderWay()) === 0, { message: 'the file is given up' });
});

test('a piece that comes late does not break the file', async () => {
  const answers = [
    { text: 'a\n', next: 1 },
    { text: 'b\n', next: null },
  ];
  let failures = 2;
  await playMessages(async ({ after }) => {
    if (after !== null && failures > 0) {
      failures -= 1;
      throw new Error('between two generations');
    }
    return answers[after ?? 0] ?? { text: '', next: null };
  });
  expect(await (await fetchFile()).text()).toBe('a\nb\n');
  expect(failures).toBe(0);
});

test('who stops taking a file is cut off, and until then two pieces are held', async () => {
  let asked = 0;
  await playMessages(async () => {
    asked += 1;
    return { text: LARGE, next: asked };
  });
  const begin = performance.now();
  const { closed, destroy } = askAndTakeNothing();
  await eventually(async () => (await filesUnderWay()) === 1, { message: 'the file is begun' });
  await eventually(async () => (await filesUnderWay()) === 0, { message: 'the file is given up' });
  expect(performance.now() - begin).toBeGreaterThanOrEqual(FILES.stallMs);
  // What the kernel has taken, the piece that waits to be written, and the one asked for ahead.
  const atTheEnd = asked;
  expect(atTheEnd).toBeLessThan(30);
  destroy();
  await closed;
  expect(asked).toBe(atTheEnd);
});

test('of more files than are written at once the excess is refused, until one has ended', async () => {
  await playMessages(async () => ({ text: LARGE, next: 1 }));
  const slow = [askAndTakeNothing(), askAndTakeNothing()];
  await eventually(async () => (await filesUnderWay()) === 2, { message: 'both are begun' });
  expect(await harness.call('GET', path)).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  for (const { destroy } of slow) destroy();
  await eventually(async () => (await filesUnderWay()) === 0, { message: 'both are given up' });
});

test('who leaves is written nothing more', async () => {
  let asked = 0;
  await playMessages(async () => {
    asked += 1;
    return { text: LARGE, next: asked };
  });
  const leaving = new AbortController();
  const answer = await fetchFile('', { signal: leaving.signal });
  const reader = answer.body?.getReader();
  await reader?.read();
  leaving.abort();
  await eventually(async () => (await filesUnderWay()) === 0, { message: 'it is noticed' });
  const atTheEnd = asked;
  await harness.call('GET', '/mailings?limit=0');
  expect(asked).toBe(atTheEnd);
});

test('who leaves before the first piece is there leaves nothing behind', async () => {
  const first = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await playMessages(async () => {
    asked.resolve();
    await first.promise;
    return { text: LARGE, next: 1 };
  });
  const { closed, destroy } = askAndTakeNothing();
  await asked.promise;
  destroy();
  await closed;
  expect(await filesUnderWay()).toBe(1);
  first.resolve();
  await eventually(async () => (await filesUnderWay()) === 0, { message: 'it is noticed' });
  expect((await harness.call('GET', `/mailings/${mailing.id}`)).status).toBe(200);
});

test('a file that waits behind another answer on its connection comes whole', async () => {
  await playMessages(async ({ after }) => ({ text: LINE, next: after === null ? 1 : null }));
  const request = (target: string, ...headers: string[]) =>
    [`GET /api/v1${target} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n');
  const answer = await sayRaw(harness.port, request(path) + request(path, 'Connection: close'));
  expect(answer.split(LINE)).toHaveLength(5);
  expect(answer.endsWith('0\r\n\r\n')).toBe(true);
});

test('a stop lets a file come to its end, and closes its connection', async () => {
  const stopping = await startHarness(harness.nats.url, { QUERY_WAIT_MS: 500 });
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await playMessages(async ({ after }) => {
    if (after !== null) await held;
    return { text: 'a\n', next: after === null ? 1 : null };
  });
  const answer = await fetch(`${stopping.url}/api/v1${path}`);
  const begin = performance.now();
  const stopped = stopping.gateway.stop();
  release();
  expect(await answer.text()).toBe('a\na\n');
  await stopped;
  // Nothing had to be forced, which takes five seconds.
  expect(performance.now() - begin).toBeLessThan(4_500);
  await stopping.stop();
});

test('clients come with the columns of an import, page after page, those that are asked for', async () => {
  const clients = Array.from(
    { length: 5 },
    (_, index): Client =>
      someClient({ phone: `7916123456${index}`, tag: index === 0 ? '' : 'a, "b"', operatorCode: '999' }),
  );
  const asked: unknown[] = [];
  stops.push(
    await playQuery(harness.others, clientsQuery, async (request) => {
      asked.push(request);
      const from = request.after === null ? 0 : clients.findIndex(({ id }) => id === request.after) + 1;
      const items = clients.slice(from, from + 2);
      const next = from + 2 < clients.length ? (items.at(-1)?.id ?? null) : null;
      return { items, next, asOf: '2026-01-31T09:00:00.000Z' };
    }),
  );
  const answer = await fetch(`${harness.url}/api/v1/clients/export?operatorCode=999&tag=%20vip`);
  expect(answer.headers.get('content-disposition')).toMatch(/filename="clients-\d{4}-\d\d-\d\d\.csv"/);
  const rows = clients.map(({ phone, tag }) => `${phone},Europe/Moscow,999,${tag && '"a, ""b"""'}\r\n`);
  expect(await answer.text()).toBe(`phone,timezone,operatorCode,tag\r\n${rows.join('')}`);
  expect(asked[0]).toEqual({ operatorCode: '999', tag: 'vip', limit: 1_000, after: null });
  expect(asked).toHaveLength(3);
  const ndjson = await fetch(`${harness.url}/api/v1/clients/export?format=ndjson`);
  expect((await ndjson.text()).split('\n')[4]).toBe(
    '{"phone":"79161234564","timezone":"Europe/Moscow","operatorCode":"999","tag":"a, \\"b\\""}',
  );
});
