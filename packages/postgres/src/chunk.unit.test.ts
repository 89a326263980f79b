import type { LogRecord } from '@herald/event-log';
import { expect, test } from 'vitest';
import { chunkSize, cutBySize } from './chunk.ts';

const record = (sequence: number, text: string, pending = 0): LogRecord => ({
  subject: 'events.0.entity.mailing.x',
  sequence,
  storedAt: 0,
  pending,
  text,
});

test('cuts where a run would be too long, in order, and leaves a longer record alone', () => {
  const records = ['aa', 'bb', 'c', 'dddddd', 'e'].map((text, index) => record(index + 1, text));
  const runs = [...cutBySize(records, 5)].map((run) => run.map(({ text }) => text));
  expect(runs).toEqual([['aa', 'bb', 'c'], ['dddddd'], ['e']]);
});

test('who is a whole reading behind takes twice as much at once', () => {
  expect(chunkSize([record(1, 'a', 10), record(2, 'b', 9)], 10, 100)).toBe(100);
  expect(chunkSize([record(1, 'a', 11), record(2, 'b', 10)], 10, 100)).toBe(200);
  expect(chunkSize([], 10, 100)).toBe(100);
});
