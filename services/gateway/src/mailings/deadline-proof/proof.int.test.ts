import {
  deriveId,
  type EventBody,
  eventSubjects,
  type Mailing,
  type MailingEventType,
  makeEvent,
  newId,
} from '@herald/contracts';
import { readLog } from '@herald/event-log';
import { someMailing } from '@herald/testkit';
import { expect, test } from 'vitest';
import { useGateway } from '../../../test/use-gateway.ts';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';
import { readInTime } from './read-in-time.ts';

const harness = useGateway();

const clientId = (messageId: number): string => deriveId('client', String(messageId));

async function append(subject: string, body: EventBody | string): Promise<number> {
  const provenance = { source: 'test', correlationId: 'test' };
  const text = typeof body === 'string' ? body : JSON.stringify(makeEvent(body, provenance, new Date()));
  const result = await harness.others.writer.publish(subject, text);
  if (result.kind !== 'stored') throw new Error(result.kind);
  return result.sequence;
}
const appendMailing = (type: MailingEventType, mailing: Mailing): Promise<number> =>
  append(eventSubjects.mailing(mailing.id), { type, data: { mailing, recentCommands: [] } });
const queue = ({ id }: Mailing, batch: number, firstMessageId: number, count: number): Promise<number> =>
  append(eventSubjects.queued(id, batch), {
    type: 'MessagesQueued',
    data: {
      mailingId: id,
      batch,
      timezone: 'UTC',
      firstMessageId,
      clientIds: Array.from({ length: count }, (_, index) => clientId(firstMessageId + index)),
    },
  });
const callAt = (startedAt: Date) => ({
  startedAt: startedAt.toISOString(),
  durationMs: 3.5,
  statusCode: 200,
});

async function proofOf({ id }: Pick<Mailing, 'id'>) {
  const answer = await fetch(`${harness.url}/api/v1/mailings/${id}/deadline-proof`);
  const lines = (await answer.text()).split('\n');
  expect(lines.pop()).toBe('');
  const parsed = lines.map((line) => JSON.parse(line));
  return { answer, calls: parsed.slice(0, -1), sums: parsed.at(-1) };
}

/** A mailing that started now, and ends in an hour. */
function started(given: Partial<Mailing> = {}): Mailing {
  const startedAt = new Date().toISOString();
  const endAt = new Date(Date.now() + 3_600_000).toISOString();
  return someMailing({ status: 'running', startedAt, endAt, version: 2, ...given });
}

test('every call is told, of groups and alone, with the end that held by then and where all of it stands', async () => {
  const mailing = started();
  await appendMailing('MailingCreated', { ...mailing, status: 'scheduled', startedAt: null, version: 1 });
  const start = await appendMailing('MailingStarted', mailing);
  await queue(mailing, 0, 501, 3);
  await queue(mailing, 7, 801, 2);
  const [first, early] = [new Date(Date.now() + 20), new Date(Date.now() + 40)];
  const group = await append(eventSubjects.outcome(mailing.id, 0), {
    type: 'OutcomesRecorded',
    data: {
      mailingId: mailing.id,
      batch: 0,
      firstMessageId: 501,
      outcomes: [
        { type: 'MessageSent', place: 1, attempt: 1, mailingVersion: 2, call: callAt(first) },
        {
          ...{ type: 'MessageFailed', place: 0, attempt: 2, mailingVersion: 2, error: 'no' },
          call: callAt(early),
        },
        {
          type: 'MessageFailed',
          place: 2,
          attempt: 0,
          mailingVersion: 2,
          error: 'client-removed',
          call: null,
        },
      ],
    },
  });
  const other = started();
  await appendMailing('MailingStarted', other);
  const brought = { ...mailing, version: 3, endAt: new Date(Date.now() + 60_000).toISOString() };
  const change = await appendMailing('MailingChanged', brought);
  // By a sender that had not heard of the change.
  const late = new Date(Date.parse(brought.endAt) + 5);
  const alone = await append(eventSubjects.outcome(mailing.id, 7), {
    type: 'MessageSent',
    data: {
      mailingId: mailing.id,
      batch: 7,
      messageId: 802,
      clientId: clientId(802),
      attempt: 1,
      mailingVersion: 2,
      call: callAt(late),
    },
  });
  const last = await append(eventSubjects.outcome(mailing.id, 7), {
    type: 'MessagesExpired',
    data: { mailingId: mailing.id, batch: 7, messageIds: [801] },
  });
  const { answer, calls, sums } = await proofOf(mailing);
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  expect(answer.headers.get('content-disposition')).toContain(`mailing-${mailing.id}-deadline-proof.ndjson`);
  const about = (messageId: number, attempt: number, startedAt: Date, endAt: string) => ({
    messageId,
    clientId: clientId(messageId),
    attempt,
    startedAt: startedAt.toISOString(),
    endAt,
    marginMs: Date.parse(endAt) - startedAt.getTime(),
    mailingVersion: 2,
    recordedAt: expect.stringMatching(/Z$/),
  });
  expect(calls).toEqual([
    { ...about(502, 1, first, mailing.endAt), endPosition: start, position: group },
    { ...about(501, 2, early, mailing.endAt), endPosition: start, position: group },
    { ...about(802, 1, late, brought.endAt), endPosition: change, position: alone },
  ]);
  expect(sums).toEqual({
    mailing: mailing.id,
    calls: 3,
    afterEnd: 1,
    smallestMarginMs: -5,
    unreadable: 0,
    fromPosition: start,
    toPosition: last,
  });
  expect((await proofOf(other)).sums).toMatchObject({ calls: 0, afterEnd: 0, smallestMarginMs: null });
});

test('what cannot be read is told, and hides nothing beside it', async () => {
  const mailing = started();
  await appendMailing('MailingStarted', mailing);
  await queue(mailing, 0, 1, 2);
  const subject = eventSubjects.outcome(mailing.id, 0);
  const broken = await append(subject, '{"secret": 1}');
  const event = makeEvent(
    {
      type: 'OutcomesRecorded',
      data: {
        mailingId: mailing.id,
        batch: 0,
        firstMessageId: 1,
        outcomes: [0, 1].map((place) => ({
          ...{ type: 'MessageSent' as const, place, attempt: 1, mailingVersion: 2, call: callAt(new Date()) },
        })),
      },
    },
    { source: 'test', correlationId: 'test' },
    new Date(),
  );
  const half = await append(subject, JSON.stringify(event).replace('"place":1', '"place":"one"'));
  const { calls, sums } = await proofOf(mailing);
  expect(calls).toMatchObject([
    { position: broken, unreadable: expect.any(String) },
    { position: half, messageId: 1, clientId: clientId(1) },
    { position: half, unreadable: expect.any(String) },
  ]);
  expect(sums).toMatchObject({ calls: 1, unreadable: 2 });
});

test('the start is found though whoever started the mailing has a clock that is hours off', async () => {
  for (const hours of [-30, 30]) {
    const mailing = started({ startedAt: new Date(Date.now() + hours * 3_600_000).toISOString() });
    const start = await appendMailing('MailingStarted', mailing);
    expect((await proofOf(mailing)).sums, `${hours}`).toMatchObject({ fromPosition: start });
  }
});

test('a mailing that never started has no calls, and one that never was no proof', async () => {
  const mailing = someMailing({ status: 'expired' });
  await appendMailing('MailingExpired', mailing);
  const { calls, sums } = await proofOf(mailing);
  expect(calls).toEqual([]);
  expect(sums).toMatchObject({ mailing: mailing.id, calls: 0, afterEnd: 0, fromPosition: null });
  expect(await harness.call('GET', `/mailings/${newId()}/deadline-proof`)).toMatchObject({
    status: 404,
    body: { code: 'mailing-not-found' },
  });
});

test('of many calls all are told, in the order of the log', async () => {
  const mailing = started();
  await appendMailing('MailingStarted', mailing);
  const BATCHES = 150;
  const SIZE = 200;
  for (let batch = 0; batch < BATCHES; batch += 1) await queue(mailing, batch, 1 + batch * SIZE, SIZE);
  const at = new Date();
  await Promise.all(
    Array.from({ length: BATCHES * 4 }, (_, index) => {
      const batch = index % BATCHES;
      const from = Math.floor(index / BATCHES) * 50;
      const outcomes = Array.from({ length: 50 }, (__, place) => ({
        ...{ type: 'MessageSent' as const, place: from + place, attempt: 1, mailingVersion: 2 },
        call: callAt(at),
      }));
      const data = { mailingId: mailing.id, batch, firstMessageId: 1 + batch * SIZE, outcomes };
      return append(eventSubjects.outcome(mailing.id, batch), { type: 'OutcomesRecorded', data });
    }),
  );
  const { calls, sums } = await proofOf(mailing);
  expect(sums).toMatchObject({ calls: BATCHES * SIZE, afterEnd: 0, unreadable: 0 });
  expect(new Set(calls.map(({ messageId }) => messageId)).size).toBe(BATCHES * SIZE);
  expect(calls.every(({ messageId, clientId: client }) => client === clientId(messageId))).toBe(true);
  const positions = calls.map(({ position }) => position);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});

test('a broker that is away is not waited for without end', async () => {
  const { signal } = new AbortController();
  const reading = { filter: eventSubjects.all, startSequence: 1, chunkRecords: 1, signal };
  const { broker } = harness.others;
  const records = readInTime(broker, reading, 700);
  expect((await records.next()).done).toBe(false);
  await harness.nats.kill();
  const readRest = async (): Promise<void> => {
    while ((await records.next()).done !== true);
  };
  await expect(readRest()).rejects.toThrow(BrokerUnavailableError);
  await harness.nats.restart();
  // Nothing is left of the reading: another one works.
  for await (const chunk of readLog(broker, { ...reading, stopAtEnd: true })) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});
