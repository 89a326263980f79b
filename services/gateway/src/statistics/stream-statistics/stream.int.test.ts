import { newId } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type EventReader, readEvents } from '../../../test/event-reader.ts';
import { PlayedStatistics } from '../../../test/played-statistics.ts';
import { useGateway } from '../../../test/use-gateway.ts';
import { GATEWAY_LIMITS } from '../../http/limits.ts';

const STREAMS = { ...GATEWAY_LIMITS.streams, atOnce: 4, lookMs: 600_000 };
const harness = useGateway({ QUERY_WAIT_MS: 1_000 }, { streams: STREAMS, requests: 3 });
const statistics = new PlayedStatistics(harness);
beforeAll(async () => {
  await statistics.start();
});

const readers: EventReader[] = [];
beforeEach(() => {
  statistics.asked.length = 0;
  statistics.isAway = false;
  statistics.hold = async () => {};
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy();
  await eventually(async () => (await openStreams()) === 0, { message: 'all streams are closed' });
});

const openStreams = async (): Promise<number> => {
  const metrics = await (await fetch(`${harness.url}/metrics`)).text();
  return Number(/^herald_http_event_streams(?:\{.*\})? (\d+)$/m.exec(metrics)?.[1]);
};
function watch(mailingId: string, headers: Record<string, string> = {}): EventReader {
  const reader = readEvents(harness.port, `/mailings/${mailingId}/stream`, headers);
  readers.push(reader);
  return reader;
}
const statsOf = ({ events }: EventReader) => events.filter(({ event }) => event === 'stats');
const hasEvents = (reader: EventReader, count: number) =>
  eventually(() => statsOf(reader).length >= count, { message: `${count} events have come` });

test('the first event comes at once, with what the statistics answer', async () => {
  const { id } = await statistics.add();
  const reader = watch(id, { 'X-Correlation-Id': 'mine' });
  const head = await reader.head;
  expect(head).toMatch(/^HTTP\/1.1 200 /);
  expect(head).toMatch(/content-type: text\/event-stream\r\n/i);
  expect(head).toMatch(/cache-control: no-store\r\n/i);
  expect(head).toMatch(/x-correlation-id: mine/i);
  await hasEvents(reader, 1);
  const [retry, first] = reader.events;
  expect(Number(retry?.retry)).toBeGreaterThanOrEqual(1_000);
  expect(first?.id).toMatch(/^[\w-]{22}$/);
  const { body } = await harness.call('GET', `/mailings/${id}/stats`);
  expect({ ...first?.data, asOf: null }).toEqual({ ...body, asOf: null });
});

test('an event follows when something has changed, and none when nothing has', async () => {
  const { id } = await statistics.add();
  const reader = watch(id);
  await hasEvents(reader, 1);
  await statistics.tell(id);
  await eventually(() => statistics.asked.length === 2, { message: 'it was read again' });
  statistics.setSent(id, 7);
  await statistics.tell(id);
  await hasEvents(reader, 2);
  expect(statsOf(reader).map(({ data }) => data.counts.sent)).toEqual([0, 7]);
});

test('one reading serves all that watch a mailing, and changes of others lead to none', async () => {
  const [mailing, other] = [await statistics.add(), await statistics.add()];
  const watching = [watch(mailing.id), watch(mailing.id)];
  for (const reader of watching) await hasEvents(reader, 1);
  const late = watch(mailing.id);
  watching.push(late);
  await hasEvents(late, 1);
  expect(statistics.asked).toHaveLength(1);
  statistics.setSent(mailing.id, 1);
  await statistics.tell(other.id);
  await statistics.tell(mailing.id);
  for (const reader of watching) await hasEvents(reader, 2);
  expect(statistics.asked).toEqual([mailing.id, mailing.id]);
});

test('who comes again is told nothing that it has seen', async () => {
  const { id } = await statistics.add();
  const before = watch(id);
  await hasEvents(before, 1);
  const [{ id: seen = '' } = {}] = statsOf(before);
  before.destroy();
  const again = watch(id, { 'Last-Event-ID': seen });
  await again.head;
  statistics.setSent(id, 3);
  await statistics.tell(id);
  await hasEvents(again, 1);
  expect(statsOf(again).map(({ data }) => data.counts.sent)).toEqual([3]);
  const late = watch(id, { 'Last-Event-ID': seen });
  await hasEvents(late, 1);
  expect(statsOf(late).map(({ data }) => data.counts.sent)).toEqual([3]);
});

test('of many changes in a short time at most ten a second are told, the last one always', async () => {
  const { id } = await statistics.add();
  const reader = watch(id);
  await hasEvents(reader, 1);
  const begin = performance.now();
  for (let sent = 1; sent <= 300; sent += 1) {
    statistics.setSent(id, sent);
    await statistics.tell(id);
    if (sent % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await eventually(() => statsOf(reader).at(-1)?.data.counts.sent === 300, {
    message: 'the last one has come',
  });
  const seconds = (performance.now() - begin) / 1_000;
  expect(statsOf(reader).length).toBeGreaterThan(3);
  expect(statsOf(reader).length).toBeLessThanOrEqual(seconds * 10 + 2);
  expect(statistics.asked.length).toBeLessThanOrEqual(seconds * 10 + 2);
});

test('when a mailing is settled the last statistics are followed by an end, and who comes again is sent away', async () => {
  const mailing = await statistics.add();
  const { id } = mailing;
  const reader = watch(id);
  await hasEvents(reader, 1);
  const counts = { queued: 0, sent: 990, failed: 10, expired: 0, cancelled: 0, unknown: 0 };
  await statistics.append('MailingSettled', {
    ...mailing,
    status: 'completed',
    settledAt: mailing.createdAt,
  });
  // Of many lanes the one that has met the settlement may be ahead of the others.
  statistics.set(id, { status: 'completed', counts: { ...counts, sent: 989 } });
  await statistics.tell(id);
  await hasEvents(reader, 2);
  statistics.set(id, { counts });
  await statistics.tell(id);
  await reader.closed;
  expect(reader.events.slice(-2)).toMatchObject([
    { event: 'stats', data: { status: 'completed', counts } },
    { event: 'end', data: { status: 'completed' } },
  ]);
  const [last] = statsOf(reader).slice(-1);
  const again = watch(id, { 'Last-Event-ID': last?.id ?? '', Connection: 'close' });
  expect(await again.head).toMatch(/^HTTP\/1.1 204 /);
  const late = watch(id);
  await late.closed;
  expect(late.events.map(({ event }) => event)).toEqual([undefined, 'stats', 'end']);
});

test('a deleted mailing is over when its rest is cancelled, not before', async () => {
  const mailing = await statistics.add();
  const { id } = mailing;
  const reader = watch(id);
  await hasEvents(reader, 1);
  statistics.set(id, { status: 'deleted' });
  await statistics.append('MailingDeleted', { ...mailing, status: 'deleted' });
  await statistics.tell(id);
  await hasEvents(reader, 2);
  const cancelled = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 1_000, unknown: 0 };
  statistics.set(id, { counts: cancelled });
  await statistics.tell(id);
  await hasEvents(reader, 3);
  expect(reader.events.at(-1)?.event).toBe('stats');
  await statistics.append('MailingSettled', { ...mailing, status: 'deleted', settledAt: mailing.createdAt });
  await statistics.tell(id);
  await reader.closed;
  expect(reader.events.at(-1)).toEqual({ event: 'end', data: { status: 'deleted' } });
});

test('what is no stream is refused like any other call', async () => {
  expect(await harness.call('GET', '/mailings/17/stream')).toMatchObject({ status: 422 });
  expect(await harness.call('GET', `/mailings/${newId()}/stream`)).toMatchObject({
    status: 404,
    body: { code: 'mailing-not-found' },
  });
  const { id } = await statistics.add();
  statistics.isAway = true;
  expect(await harness.call('GET', `/mailings/${id}/stream`)).toMatchObject({
    status: 503,
    body: { code: 'service-unavailable' },
  });
  statistics.isAway = false;
  const head = await fetch(`${harness.url}/api/v1/mailings/${id}/stream`, { method: 'HEAD' });
  expect(head.headers.get('content-type')).toBe('text/event-stream');
});

test('so many are open at once and no more, and none of them is counted as a request', async () => {
  const { id } = await statistics.add();
  const watching: EventReader[] = [];
  for (let index = 0; index < STREAMS.atOnce; index += 1) {
    const reader = watch(id);
    await hasEvents(reader, 1);
    watching.push(reader);
  }
  const excess = await harness.call('GET', `/mailings/${id}/stream`);
  expect(excess).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(excess.headers.get('retry-after')).not.toBeNull();
  expect((await harness.call('GET', `/mailings/${id}/stats`)).status).toBe(200);
  watching[0]?.destroy();
  await eventually(async () => (await openStreams()) === 3, { message: 'one place is free' });
  await hasEvents(watch(id), 1);
});

test('statistics that are away for a while are told of when they are back', async () => {
  const { id } = await statistics.add();
  const reader = watch(id);
  await hasEvents(reader, 1);
  statistics.isAway = true;
  statistics.setSent(id, 9);
  await statistics.tell(id);
  await eventually(() => statistics.asked.length >= 3, { message: 'it was tried again' });
  statistics.isAway = false;
  await hasEvents(reader, 2);
  expect(statsOf(reader).at(-1)?.data.counts.sent).toBe(9);
});

test('where nobody watches any more nothing is read', async () => {
  const { id } = await statistics.add();
  const reader = watch(id);
  await hasEvents(reader, 1);
  reader.destroy();
  await eventually(async () => (await openStreams()) === 0, { message: 'it is closed' });
  await statistics.tell(id);
  const other = await statistics.add();
  const watching = watch(other.id);
  await hasEvents(watching, 1);
  statistics.setSent(other.id, 1);
  await statistics.tell(other.id);
  await hasEvents(watching, 2);
  expect(statistics.asked).toEqual([id, other.id, other.id]);
});

test('who leaves before the first event leaves nothing behind', async () => {
  const { id } = await statistics.add();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  statistics.hold = () => {
    asked.resolve();
    return answered.promise;
  };
  const leaving = watch(id);
  await asked.promise;
  leaving.destroy();
  await leaving.closed;
  answered.resolve();
  await eventually(async () => (await openStreams()) === 0, { message: 'its place is free' });
  expect((await harness.call('GET', `/mailings/${id}/stats`)).status).toBe(200);
});

test('a reader that is slow gets what is newest, and nothing waits for it', async () => {
  const { id } = await statistics.add();
  const at = '2026-01-31T09:00:00.000Z';
  // 150 kB an event: what the kernel takes is soon full.
  const timeline = Array.from({ length: 1_500 }, () => ({
    at,
    sent: 1,
    failed: 0,
    expired: 0,
    cancelled: 0,
    unknown: 0,
  }));
  statistics.set(id, { timeline });
  const [slow, quick] = [watch(id), watch(id)];
  await Promise.all([hasEvents(slow, 1), hasEvents(quick, 1)]);
  slow.pause();
  for (let sent = 1; sent <= 60; sent += 1) {
    statistics.setSent(id, sent);
    await statistics.tell(id);
    await eventually(() => statsOf(quick).at(-1)?.data.counts.sent === sent, { message: `${sent} has come` });
  }
  slow.resume();
  await eventually(() => statsOf(slow).at(-1)?.data.counts.sent === 60, { message: 'the newest has come' });
  expect(statsOf(slow).length).toBeLessThan(statsOf(quick).length);
}, 60_000);
