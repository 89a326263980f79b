import { newId } from '@herald/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSubject, type LogFixture, readAll, startLog } from './testing/log-fixture.ts';

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
    // One whose acknowledgement was lost may stand there twice, side by side: nothing else was under way.
    expect(found.filter((number, index) => number !== found[index - 1])).toStrictEqual(expected);
    expect(found.length).toBeLessThanOrEqual(COUNT + 1);
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
