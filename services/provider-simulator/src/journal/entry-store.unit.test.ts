import { describe, expect, it } from 'vitest';
import type { JournalEntry } from './entry.ts';
import { EntryStore } from './entry-store.ts';

const ALL = { after: 0, messageId: null, limit: Number.POSITIVE_INFINITY };

function entry(sequence: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    sequence,
    at: 1_800_000_000_000.125 + sequence,
    messageId: sequence % 3,
    phone: 79_161_234_567,
    text: 'Hello',
    idempotencyKey: String(sequence % 3),
    attempt: 1,
    accepted: true,
    repeat: false,
    outcome: 'ok',
    respondedAt: null,
    aborted: false,
    ...changes,
  };
}

function storeOf(count: number, limit = 100): EntryStore {
  const store = new EntryStore(limit, 4);
  for (let sequence = 1; sequence <= count; sequence += 1) store.append(entry(sequence));
  return store;
}

const sequences = (entries: Iterable<JournalEntry>) => [...entries].map(({ sequence }) => sequence);

describe('the store of journal entries', () => {
  it('gives back exactly what was put in', () => {
    const entries = [
      entry(1),
      entry(2, { messageId: null, phone: null, text: null, idempotencyKey: null, attempt: 0 }),
      entry(3, { accepted: false, repeat: true, outcome: 'status-503', idempotencyKey: 'another' }),
      entry(4, { respondedAt: 1_800_000_000_009.5, aborted: true, messageId: Number.MAX_SAFE_INTEGER }),
    ];
    const store = new EntryStore(10);
    for (const one of entries) store.append(one);
    expect([...store.walk(ALL)]).toEqual(entries);
  });

  it('walks after a sequence, by message id, up to a limit', () => {
    const store = storeOf(10);
    expect(sequences(store.walk({ ...ALL, after: 6 }))).toEqual([7, 8, 9, 10]);
    expect(sequences(store.walk({ ...ALL, messageId: 1 }))).toEqual([1, 4, 7, 10]);
    expect(sequences(store.walk({ ...ALL, after: 1, messageId: 1, limit: 2 }))).toEqual([4, 7]);
    expect(sequences(store.walk({ ...ALL, after: 10 }))).toEqual([]);
  });

  it('drops the oldest above its limit, and always keeps at least so many', () => {
    const store = storeOf(100, 8);
    const kept = sequences(store.walk(ALL));
    expect(kept.at(-1)).toBe(100);
    expect(kept.length).toBeGreaterThanOrEqual(8);
    expect(kept.length).toBeLessThanOrEqual(16);
    expect(store.markAborted(1)).toBe(false);
  });

  it('learns later how a request ended', () => {
    const store = storeOf(6);
    store.markResponded(5, 1_800_000_000_020.75);
    store.markAborted(6);
    expect([...store.walk({ ...ALL, after: 4 })]).toEqual([
      entry(5, { respondedAt: 1_800_000_000_020.75 }),
      entry(6, { aborted: true }),
    ]);
  });

  it('goes on counting when it has been cleared', () => {
    const store = storeOf(6);
    store.clear();
    expect(sequences(store.walk(ALL))).toEqual([]);
    store.append(entry(7));
    expect(sequences(store.walk(ALL))).toEqual([7]);
    expect(store.markAborted(6)).toBe(false);
  });
});
