import { newId } from '@herald/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSubject, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import { connectBroker } from './connection.ts';
import { LogWriter } from './writer.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

test('what is published around a crash of the server is all there, in order where each was awaited', async () => {
  const subjects = Array.from({ length: 5 }, () => freshSubject());
  const COUNT = 200;
  let published = 0;
  const streams = subjects.map(async (subject) => {
    for (let number = 0; number < COUNT; number += 1) {
      await log.writer.publish(subject, String(number));
      published += 1;
    }
  });
  const crashing = (async () => {
    while (published < 300) await new Promise((resolve) => setImmediate(resolve));
    await log.crash();
  })();
  await Promise.all([...streams, crashing]);

  expect(log.writer.inFlight).toBe(0);
  const expected = Array.from({ length: COUNT }, (_, number) => number);
  for (const subject of subjects) {
    const found = (await readAll(log.broker, subject)).map(({ text }) => Number(text));
    // One whose acknowledgement was lost may stand there again, side by side: nothing else was under way.
    expect(found.filter((number, index) => number !== found[index - 1])).toStrictEqual(expected);
    expect(found.length).toBeLessThan(COUNT + 5);
  }
});

test('what bears an id or an expectation stands there once, whatever crashes', async () => {
  const mailings = Array.from({ length: 100 }, () => newId());
  let half = 0;
  const publishing = mailings.map(async (mailingId, index) => {
    const options = index % 2 === 0 ? { messageId: mailingId } : { expectedLastSequence: 0 };
    await log.writer.publish(freshSubject(mailingId), mailingId, options);
    half += 1;
  });
  await log.crash();
  await Promise.all(publishing);
  expect(half).toBe(100);
  for (const mailingId of mailings) {
    expect(await readAll(log.broker, freshSubject(mailingId))).toMatchObject([{ text: mailingId }]);
  }
});

test('of many publishes at once only so many are under way, and all of them land', async () => {
  const subject = freshSubject();
  const COUNT = 5_000;
  let most = 0;
  const publishing = Array.from({ length: COUNT }, async (_, number) => {
    const result = await log.writer.publish(subject, String(number));
    most = Math.max(most, log.writer.inFlight);
    return result;
  });
  const results = await Promise.all(publishing);
  expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
  expect(most).toBeLessThanOrEqual(2_048);
  const found = (await readAll(log.broker, subject)).map(({ text }) => Number(text));
  expect(found.toSorted((one, other) => one - other)).toStrictEqual(
    Array.from({ length: COUNT }, (_, number) => number),
  );
});

test('who still waits when the writer is closed is told so, and so is who comes after', async () => {
  const broker = await connectBroker({ url: log.nats.url, name: 'closing' });
  const writer = new LogWriter(broker);
  const waiting = writer.publish(freshSubject(), 'late');
  writer.close();
  await expect(waiting).rejects.toThrow(/closed before the acknowledgement/);
  await expect(writer.publish(freshSubject(), 'later')).rejects.toThrow(/is closed/);
  await broker.connection.close();
});
