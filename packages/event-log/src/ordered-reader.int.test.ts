import { setTimeout } from 'node:timers/promises';
import { eventually } from '@herald/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countingBroker } from '../test/heard-broker.ts';
import { fill, freshSubject, type LogFixture, numbers, readAll, startLog } from '../test/log-fixture.ts';
import type { Broker } from './connection.ts';
import { readLog } from './ordered-reader.ts';

let log: LogFixture;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log.stop());

describe('reading to the end', () => {
  test('of nothing ends at once', async () => {
    expect(await readAll(log.broker, freshSubject())).toStrictEqual([]);
  });

  test('hands over everything once, in order, in chunks that are not too large', async () => {
    const subject = freshSubject();
    await fill(log, subject, 0, 95);
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
    const startSequence = (await fill(log, subject, 0, 10)) + 7;
    const found = await readAll(log.broker, subject, { startSequence });
    expect(found.map(({ text }) => Number(text))).toStrictEqual([7, 8, 9]);
    expect(found.map(({ pending }) => pending)).toStrictEqual([2, 1, 0]);
    expect(found[0]).toMatchObject({ subject, sequence: startSequence });
    expect(await readAll(log.broker, subject, { startSequence: startSequence + 3 })).toStrictEqual([]);
  });
});

test('a slow reader holds two chunks at the most', async () => {
  const subject = freshSubject();
  await fill(log, subject, 0, 200);
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
  await fill(log, subject, 0, 300);
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
  await fill(log, subject, 300, 100);
  await eventually(() => found.length >= 400, { timeoutMs: 15_000 });
  await log.crash();
  await fill(log, subject, 400, 1);
  await eventually(() => found.length >= 401, { timeoutMs: 15_000 });
  stopping.abort();
  await reading;
  expect(found).toStrictEqual(numbers(401));
});
