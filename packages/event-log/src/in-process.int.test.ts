import { coordinationSubjects, newId } from '@herald/contracts';
import { startTestNats, type TestNats } from '@herald/testkit';
import type { Subscription } from 'nats';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Broker, connectBroker } from './connection.ts';
import { openCoordination, RecordsUnavailableError } from './record-store.ts';
import { LogWriter } from './writer.ts';

/*
 * A single server never has another publish in process, and which of fifty meets one on a cluster is left to chance
 * (test/cluster provokes it). Here a subscriber stands where the stream would, and says what a stream says.
 */
let nats: TestNats;
let broker: Broker;
let writer: LogWriter;
let stream: Subscription | undefined;

beforeAll(async () => {
  nats = await startTestNats();
  broker = await connectBroker({ url: nats.url, name: 'test' });
  writer = new LogWriter(broker);
});
afterEach(() => stream?.unsubscribe());
afterAll(async () => {
  writer.close();
  await broker.connection.close();
  await nats.stop();
});

const STORED = { stream: 'S', seq: 9 };
const CONFLICT = { error: { code: 400, err_code: 10_071, description: 'wrong last sequence: 8' } };
const SUBJECT_IN_PROCESS = { error: { code: 400, err_code: 10_164, description: 'wrong last sequence' } };
const ID_IN_PROCESS = {
  error: { code: 409, err_code: 10_158, description: 'duplicate message id is in process' },
};

/** Gives these answers one after the other, the last one for ever; counts the questions. */
function answerWith(subject: string, answers: readonly object[]): { asked: number } {
  const seen = { asked: 0 };
  stream = broker.connection.subscribe(subject, {
    callback: (_error, message) => {
      message.respond(JSON.stringify(answers[Math.min(seen.asked, answers.length - 1)]));
      seen.asked += 1;
    },
  });
  return seen;
}

test.each([
  ['subject', SUBJECT_IN_PROCESS],
  ['id', ID_IN_PROCESS],
])(
  'a publish is repeated while another one of its %s is in process, until it is stored',
  async (_of, said) => {
    const subject = `test.${newId()}`;
    const seen = answerWith(subject, [said, said, said, STORED]);
    const result = await writer.publish(subject, 'x', { expectedLastSequence: 0, messageId: 'm' });
    expect(result).toStrictEqual({ kind: 'stored', sequence: 9, duplicate: false });
    expect(seen.asked).toBe(4);
  },
);

test('it is a conflict when the other one stands there, and then only', async () => {
  const subject = `test.${newId()}`;
  answerWith(subject, [SUBJECT_IN_PROCESS, CONFLICT]);
  expect(await writer.publish(subject, 'x', { expectedLastSequence: 0 })).toMatchObject({ kind: 'conflict' });
});

test('a record is replaced in the same call although another one was in process', async () => {
  const coordination = openCoordination(broker, { replicas: 1 });
  const subject = coordinationSubjects.mailingRate(newId());
  answerWith(subject, [SUBJECT_IN_PROCESS, SUBJECT_IN_PROCESS, STORED]);
  expect(await coordination.replace(subject, 'x', 8)).toBe(9);
});

test('a record is somebody else’s when the other one stands there', async () => {
  const coordination = openCoordination(broker, { replicas: 1 });
  const subject = coordinationSubjects.mailingRate(newId());
  answerWith(subject, [SUBJECT_IN_PROCESS, CONFLICT]);
  expect(await coordination.replace(subject, 'x', 8)).toBeNull();
});

test('where others are in process for longer than the answer may take, nobody knows', async () => {
  const coordination = openCoordination(broker, { replicas: 1 });
  const subject = coordinationSubjects.mailingRate(newId());
  const seen = answerWith(subject, [SUBJECT_IN_PROCESS]);
  const replacing = coordination.replace(subject, 'x', 8, 3_000);
  await expect(replacing).rejects.toBeInstanceOf(RecordsUnavailableError);
  expect(seen.asked).toBeGreaterThan(1);
});
