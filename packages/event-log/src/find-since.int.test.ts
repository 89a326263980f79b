import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, freshSubject, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import { findSince } from './find-since.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

test('an empty log begins with its first position', async () => {
  expect(await findSince(log.broker, Date.now())).toBe(1);
});

test('the first position at a moment or behind it is found, wherever it stands', async () => {
  const subject = freshSubject();
  for (let from = 0; from < 40; from += 1) {
    await fill(log, subject, from, 3);
    await sleep(3);
  }
  const records = await readAll(log.broker, subject);
  expect(records).toHaveLength(120);
  const times = records.map(({ storedAt }) => Math.floor(storedAt));
  for (const at of [0, ...times, ...times.map((time) => time + 1)]) {
    const wanted = records.find((record) => Math.floor(record.storedAt) >= at)?.sequence ?? 121;
    expect(await findSince(log.broker, at), `${at}`).toBe(wanted);
  }
});
