import { EVENTS_STREAM } from '@herald/contracts';
import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshSubject, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import { LogFullError } from './publish-protocol.ts';

let log: LogFixture;
beforeEach(async () => {
  log = await startLog();
});
afterEach(() => log.stop());

const limit = (bytes: number) => log.broker.manager.streams.update(EVENTS_STREAM, { max_bytes: bytes });

/** The stream refuses whatever comes. */
async function fill(): Promise<void> {
  await log.writer.publish(freshSubject(), 'x'.repeat(2_000));
  await limit(2_100);
}

const changes = (): string[] => {
  const seen: string[] = [];
  log.broker.fullStreams.onChange(({ stream, reason }, full) => seen.push(`${stream} ${full} ${reason}`));
  return seen;
};

test('what finds the store full waits, and lands once, in its turn, when there is room again', async () => {
  await fill();
  const seen = changes();
  const subject = freshSubject();
  const publishing = log.writer.publish(subject, 'x'.repeat(500), { expectedLastSequence: 0 });
  await eventually(() => log.broker.fullStreams.has(EVENTS_STREAM));
  expect(log.writer.unacknowledged).toEqual({ events: 1 });
  await limit(1_000_000);
  expect(await publishing).toMatchObject({ kind: 'stored' });
  expect(await readAll(log.broker, subject)).toHaveLength(1);
  await eventually(() => !log.broker.fullStreams.has(EVENTS_STREAM), { timeoutMs: 15_000 });
  expect(seen).toEqual(['EVENTS true maximum bytes exceeded', 'EVENTS false maximum bytes exceeded']);
});

test('an offer to a full store is refused at once, and never lands behind the back of whoever made it', async () => {
  await fill();
  const subject = freshSubject();
  const offered = await log.writer.offer(subject, 'x'.repeat(500), { messageId: 'm' }, 20_000);
  expect(offered).toEqual({ kind: 'full', reason: 'maximum bytes exceeded' });
  expect(log.writer.inFlight).toBe(0);
  await limit(1_000_000);
  await log.crash();
  await log.writer.publish(freshSubject(), 'later');
  expect(await readAll(log.broker, subject)).toEqual([]);
});

test('an offer that nobody answers is given up, and not sent again', async () => {
  await log.nats.kill();
  await eventually(() => !log.broker.isConnected());
  const subject = freshSubject();
  expect(await log.writer.offer(subject, 'x', {}, 50)).toEqual({ kind: 'unanswered', sent: false });
  await log.nats.restart();
  await log.writer.publish(freshSubject(), 'later');
  expect(await readAll(log.broker, subject)).toEqual([]);
});

test('an offer whose first attempt may have landed is not called refused because the second one is', async () => {
  const subject = freshSubject();
  let asked = 0;
  // No stream takes these subjects: this stands for a stream whose first answer was lost with its leader.
  const stream = log.broker.connection.subscribe('test.lost', {
    callback: (_error, message) => {
      asked += 1;
      const said = asked === 1 ? { code: 503, err_code: 10_008 } : { code: 503, err_code: 10_023 };
      message.respond(JSON.stringify({ error: said, stream: 'S' }));
    },
  });
  expect(await log.writer.offer('test.lost', subject, {}, 700)).toEqual({ kind: 'unanswered', sent: true });
  expect(asked).toBeGreaterThan(1);
  stream.unsubscribe();
});

test('at a stop whoever waits for room is told that it is left behind', async () => {
  await fill();
  const publishing = log.writer.publish(freshSubject(), 'x'.repeat(500));
  const told = expect(publishing).rejects.toBeInstanceOf(LogFullError);
  await eventually(() => log.broker.fullStreams.has(EVENTS_STREAM));
  log.writer.giveUpWhereFull();
  await told;
  await expect(log.writer.publish(freshSubject(), 'x'.repeat(500))).rejects.toBeInstanceOf(LogFullError);
});
