import { setTimeout } from 'node:timers/promises';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshSubject, type LogFixture, readAll, startLog } from '../test/log-fixture.ts';
import type { Broker } from './connection.ts';
import { readLog } from './ordered-reader.ts';
import { sizeOf } from './puller.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

/** Appends numbers in order. @returns the position of the first */
async function fill(subject: string, from: number, count: number): Promise<number> {
  const results = await Promise.all(
    Array.from({ length: count }, (_, index) => log.writer.publish(subject, String(from + index))),
  );
  const [first] = results;
  return first?.kind === 'stored' ? first.sequence : 0;
}

const numbers = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

/** Notes the size of each message that the server has handed to a connection. */
function countingBroker(broker: Broker): { broker: Broker; sizes: readonly number[] } {
  const sizes: number[] = [];
  const connection: Broker['connection'] = Object.create(broker.connection, {
    subscribe: {
      value: ((subject, options) =>
        broker.connection.subscribe(subject, {
          ...options,
          callback: (error, message) => {
            if (message.reply?.startsWith('$JS.ACK') === true) sizes.push(sizeOf(message));
            options?.callback?.(error, message);
          },
        })) satisfies Broker['connection']['subscribe'],
    },
    publish: { value: broker.connection.publish.bind(broker.connection) },
  });
  return { broker: { ...broker, connection }, sizes };
}

/** Holds back what the server says instead of a message, until it is handed over; that returns how much it was. */
function withStatusesHeldBack(broker: Broker): { broker: Broker; handOver: () => number } {
  const held: Array<() => void> = [];
  const connection: Broker['connection'] = Object.create(broker.connection, {
    subscribe: {
      value: ((subject, options) =>
        broker.connection.subscribe(subject, {
          ...options,
          callback: (error, message) => {
            const hand = (): void => options?.callback?.(error, message);
            if (message.headers?.code === 408) held.push(hand);
            else hand();
          },
        })) satisfies Broker['connection']['subscribe'],
    },
    publish: { value: broker.connection.publish.bind(broker.connection) },
  });
  const handOver = (): number => {
    const statuses = held.splice(0);
    for (const hand of statuses) hand();
    return statuses.length;
  };
  return { broker: { ...broker, connection }, handOver };
}

describe('reading to the end', () => {
  test('of nothing ends at once', async () => {
    expect(await readAll(log.broker, freshSubject())).toStrictEqual([]);
  });

  test('hands over everything once, in order, in chunks that are not too large', async () => {
    const subject = freshSubject();
    await fill(subject, 0, 95);
    const chunks: number[][] = [];
    const signal = AbortSignal.timeout(10_000);
    const reading = { filter: subject, startSequence: 1, chunkRecords: 10, stopAtEnd: true, signal };
    for await (const records of readLog(log.broker, reading)) {
      chunks.push(records.map(({ text }) => Number(text)));
    }
    expect(chunks.flat()).toStrictEqual(numbers(95));
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(10);
  });

  test('begins at the position that is asked for', async () => {
    const subject = freshSubject();
    const startSequence = (await fill(subject, 0, 10)) + 7;
    const found = await readAll(log.broker, subject, { startSequence });
    expect(found.map(({ text }) => Number(text))).toStrictEqual([7, 8, 9]);
    expect(found.map(({ pending }) => pending)).toStrictEqual([2, 1, 0]);
    expect(found[0]).toMatchObject({ subject, sequence: startSequence });
    expect(await readAll(log.broker, subject, { startSequence: startSequence + 3 })).toStrictEqual([]);
  });
});

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
      await fill(subject, number, 1);
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
        await fill(subject, 1, 20);
        await broker.connection.flush();
        expect(sizes).toHaveLength(1);
      }
      // Far behind: several times what comes at once.
      if (read === 21) await fill(subject, 21, 230);
      if (read === 251) stopping.abort();
    }
  })();
  await fill(subject, 0, 1);
  await reading;
  expect(chunks.flat()).toStrictEqual(numbers(251));
  expect(chunks[1]?.length).toBeGreaterThan(1);
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
  await fill(subject, 0, 1);
  expect((await reading.next()).value).toHaveLength(1);
  const second = reading.next();
  await eventually(() => handOver() > 0);
  await fill(subject, 1, 1);
  expect((await second).value).toHaveLength(1);
  stopping.abort();
  await reading.return(undefined);
});

test('a slow reader holds two chunks at the most', async () => {
  const subject = freshSubject();
  await fill(subject, 0, 200);
  const { broker, sizes } = countingBroker(log.broker);
  const signal = AbortSignal.timeout(15_000);
  const found: number[] = [];
  const reading = { filter: subject, startSequence: 1, chunkRecords: 20, stopAtEnd: true, signal };
  for await (const records of readLog(broker, reading)) {
    await setTimeout(30);
    expect(sizes.length - found.length).toBeLessThanOrEqual(40);
    found.push(...records.map(({ text }) => Number(text)));
  }
  expect(found).toStrictEqual(numbers(200));
  expect(sizes).toHaveLength(200);
});

describe('records of very different size', () => {
  const KIB = 1024;
  /** Reads everything. @returns the sizes of the records in each chunk, KiB, and what the reader told */
  async function readSizes(broker: Broker, filter: string, chunkBytes: number) {
    const chunks: number[][] = [];
    const told: string[] = [];
    const reading = {
      filter,
      startSequence: 1,
      stopAtEnd: true,
      signal: AbortSignal.timeout(60_000),
      chunkBytes,
      say: (event: string) => void told.push(event),
    };
    for await (const records of readLog(broker, reading)) {
      chunks.push(records.map(({ text }) => Math.floor(text.length / KIB)));
    }
    reading.signal.throwIfAborted();
    return { chunks, told };
  }
  const append = async (subject: string, sizes: readonly number[]): Promise<void> => {
    for (const size of sizes) await log.writer.publish(subject, 'x'.repeat(size * KIB));
  };

  test('come in chunks of so many bytes, and one that is larger comes alone', async () => {
    const subject = freshSubject();
    const sizes = [100, 100, 100, 100, 1, 600, 1, 1, 100, 400, 400, 100];
    await append(subject, sizes);
    const { chunks, told } = await readSizes(log.broker, subject, 350 * KIB);
    expect(chunks.flat()).toStrictEqual(sizes);
    for (const chunk of chunks) {
      const sum = chunk.reduce((total, size) => total + size, 0);
      expect(sum <= 350 || chunk.length === 1).toBe(true);
    }
    expect(told).toStrictEqual([]);
  });

  test('are not waited for when they use up what was asked for to the last byte', async () => {
    const subject = freshSubject();
    await append(subject, [10, 10, 10]);
    const { broker, sizes } = countingBroker(log.broker);
    await readSizes(broker, subject, 1024 * KIB);
    // What a message tells of its delivery is as long the next time.
    const { chunks, told } = await readSizes(log.broker, subject, sizes[0] ?? 0);
    expect(chunks.flat()).toStrictEqual([10, 10, 10]);
    expect(told).toStrictEqual([]);
  });
});

test('a reader goes through a crash of the server without a gap and without a repeat', async () => {
  const subject = freshSubject();
  await fill(subject, 0, 300);
  const stopping = new AbortController();
  const found: number[] = [];
  const reading = (async () => {
    for await (const records of readLog(log.broker, {
      filter: subject,
      startSequence: 1,
      chunkRecords: 25,
      signal: stopping.signal,
    })) {
      found.push(...records.map(({ text }) => Number(text)));
      await setTimeout(20);
    }
  })();
  await eventually(() => found.length >= 50);
  await log.crash();
  await fill(subject, 300, 100);
  await eventually(() => found.length >= 400, { timeoutMs: 15_000 });
  await log.crash();
  await fill(subject, 400, 1);
  await eventually(() => found.length >= 401, { timeoutMs: 15_000 });
  stopping.abort();
  await reading;
  expect(found).toStrictEqual(numbers(401));
});
