import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Writable, WritePump } from './write-pump.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Has something to write whenever it is woken, from a time on. */
class Reader implements Writable {
  writes = 0;
  isDue = true;
  isPending = true;
  readonly #bytes: number;
  constructor(bytes = 1_000) {
    this.#bytes = bytes;
  }
  write(): number {
    this.writes += 1;
    return this.#bytes;
  }
}

const readers = (count: number, bytes?: number): Reader[] =>
  Array.from({ length: count }, () => new Reader(bytes));
const writesOf = (of: readonly Reader[]): number => of.reduce((sum, { writes }) => sum + writes, 0);

test('where more have news than the budget allows each gets its turn once, in the order in which they came', () => {
  const pump = new WritePump({ writes: 2_000, bytes: 1e9 });
  const all = readers(100);
  for (const reader of all) pump.add(reader);
  for (const reader of all) pump.add(reader);
  vi.advanceTimersByTime(10);
  expect(all.map(({ writes }) => writes)).toEqual(all.map((_, index) => (index < 20 ? 1 : 0)));
  vi.advanceTimersByTime(40);
  expect(all.every(({ writes }) => writes === 1)).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(writesOf(all)).toBe(100);
});

test('large events count by their bytes, and each turn writes one at least', () => {
  const pump = new WritePump({ writes: 2_000, bytes: 1_000_000 });
  const all = readers(10, 50_000);
  for (const reader of all) pump.add(reader);
  vi.advanceTimersByTime(50);
  expect(writesOf(all)).toBe(5);
});

test('who may not be written to yet waits, holds nobody up and costs nothing of the budget', () => {
  const pump = new WritePump({ writes: 100, bytes: 1e9 });
  const early = new Reader();
  early.isDue = false;
  const blocked = new Reader();
  blocked.isDue = false;
  blocked.isPending = false;
  const ready = new Reader();
  for (const reader of [early, blocked, ready]) pump.add(reader);
  vi.advanceTimersByTime(10);
  expect([early, blocked, ready].map(({ writes }) => writes)).toEqual([0, 0, 1]);
  early.isDue = true;
  blocked.isDue = true;
  vi.advanceTimersByTime(100);
  // It tells itself when there is room again.
  expect([early, blocked, ready].map(({ writes }) => writes)).toEqual([1, 0, 1]);
});

test('nothing is timed where nothing is to be written', () => {
  const pump = new WritePump({ writes: 100, bytes: 1e9 });
  pump.add(new Reader());
  vi.advanceTimersByTime(10);
  expect(vi.getTimerCount()).toBe(0);
  pump.add(new Reader());
  pump.stop();
  expect(vi.getTimerCount()).toBe(0);
});
