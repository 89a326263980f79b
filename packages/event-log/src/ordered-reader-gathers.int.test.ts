import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countingBroker, withStatusesHeldBack } from '../test/heard-broker.ts';
import { fill, freshSubject, type LogFixture, numbers, startLog } from '../test/log-fixture.ts';
import { readLog } from './ordered-reader.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

test.each([false, true])(
  'a reader (in bursts: %o) waits for what is still to come, and ends when it is told to',
  async (inBursts) => {
    const subject = freshSubject();
    const stopping = new AbortController();
    const found: number[] = [];
    const reading = (async () => {
      for await (const records of readLog(log.broker, {
        filter: subject,
        startSequence: 1,
        inBursts,
        signal: stopping.signal,
      })) {
        found.push(...records.map(({ text }) => Number(text)));
      }
    })();
    for (let number = 0; number < 3; number += 1) {
      await fill(log, subject, number, 1);
      await eventually(() => found.length === number + 1);
    }
    stopping.abort();
    await reading;
    expect(found).toStrictEqual([0, 1, 2]);
  },
);

test('a reader in bursts is sent nothing while it rests, and all of it together when it comes for more', async () => {
  const subject = freshSubject();
  const { broker, sizes } = countingBroker(log.broker);
  const stopping = new AbortController();
  const chunks: number[][] = [];
  const options = { filter: subject, startSequence: 1, chunkRecords: 50, inBursts: true };
  const reading = (async () => {
    for await (const records of readLog(broker, { ...options, signal: stopping.signal })) {
      chunks.push(records.map(({ text }) => Number(text)));
      const read = chunks.flat().length;
      if (read === 1) {
        await fill(log, subject, 1, 20);
        await broker.connection.flush();
        expect(sizes).toHaveLength(1);
      }
      // Far behind: several times what comes at once.
      if (read === 21) await fill(log, subject, 21, 230);
      if (read === 251) stopping.abort();
    }
  })();
  await fill(log, subject, 0, 1);
  await reading;
  expect(chunks.flat()).toStrictEqual(numbers(251));
  // Record by record it would be 251.
  expect(chunks.length).toBeLessThan(60);
});

test('a reader in bursts asks again when it hears of the end of a burst only after it has come for more', async () => {
  const subject = freshSubject();
  const { broker, handOver } = withStatusesHeldBack(log.broker);
  const stopping = new AbortController();
  const reading = readLog(broker, {
    filter: subject,
    startSequence: 1,
    inBursts: true,
    signal: stopping.signal,
  });
  await fill(log, subject, 0, 1);
  expect((await reading.next()).value).toHaveLength(1);
  const second = reading.next();
  await eventually(() => handOver() > 0);
  await fill(log, subject, 1, 1);
  expect((await second).value).toHaveLength(1);
  stopping.abort();
  await reading.return(undefined);
});

describe('what nobody waits for', () => {
  const chunksOf = async (
    unhurriedForMs: number,
    play: (subject: string) => Promise<unknown>,
    chunkRecords = 100,
  ): Promise<number[][]> => {
    const subject = freshSubject();
    const stopping = new AbortController();
    const chunks: number[][] = [];
    const isOne = (found: string): boolean => found.endsWith('.later');
    const asked = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const records of readLog(log.broker, {
        filter: `${subject}.>`,
        startSequence: 1,
        unhurried: { isOne, forMs: unhurriedForMs },
        chunkRecords,
        onPending: () => asked.resolve(),
        signal: stopping.signal,
      })) {
        chunks.push(records.map(({ text }) => Number(text)));
        if (chunks.flat().length === 3) stopping.abort();
      }
    })();
    await asked.promise;
    await play(subject);
    await reading;
    return chunks;
  };

  test('comes with what comes next', async () => {
    // Far longer than a test may take.
    const chunks = await chunksOf(600_000, async (subject) => {
      await fill(log, `${subject}.later`, 0, 1);
      await fill(log, `${subject}.later`, 1, 1);
      await fill(log, `${subject}.now`, 2, 1);
    });
    expect(chunks).toStrictEqual([[0, 1, 2]]);
  });

  test('comes by itself when its time is up', async () => {
    const forMs = 200;
    let storedAt = 0;
    const chunks = await chunksOf(forMs, async (subject) => {
      storedAt = performance.now();
      await fill(log, `${subject}.later`, 0, 3);
    });
    expect(chunks.flat()).toStrictEqual([0, 1, 2]);
    // Timers may fire a fraction of a millisecond early.
    expect(performance.now() - storedAt).toBeGreaterThanOrEqual(forMs - 1);
  });

  test('is not held where what was asked for has come: nothing that is urgent could come either', async () => {
    const play = (subject: string): Promise<number> => fill(log, `${subject}.later`, 0, 3);
    expect((await chunksOf(600_000, play, 1)).flat()).toStrictEqual([0, 1, 2]);
  });
});
