import { expect, test } from 'vitest';
import { ChunkDraft } from './chunk-draft.ts';

const row = (line: number) => ({ line, phone: '79161234567', timezone: 'UTC' });
const badLine = (line: number) => ({ line, reason: 'is bad' });

test('a chunk has room for 500 rows and 500 bad lines among them', () => {
  const draft = new ChunkDraft();
  for (let line = 1; line <= 500; line += 1) {
    expect([draft.hasRoomForRow, draft.hasRoomForBadLine(10)]).toEqual([true, true]);
    draft.addRow(row(line));
    draft.addBadLine(badLine(line + 500), 10);
  }
  expect([draft.hasRoomForRow, draft.hasRoomForBadLine(10)]).toEqual([false, false]);
});

test('bad lines fill a chunk by their bytes, of which one alone may have any number', () => {
  const draft = new ChunkDraft();
  expect(draft.hasRoomForBadLine(1_000_000)).toBe(true);
  draft.addBadLine(badLine(1), 60_000);
  expect(draft.hasRoomForBadLine(5_536)).toBe(true);
  expect(draft.hasRoomForBadLine(5_537)).toBe(false);
  expect(draft.hasRoomForRow).toBe(true);
});

test('what is taken out is gone, and there is room again', () => {
  const draft = new ChunkDraft();
  draft.addRow(row(1));
  draft.addBadLine(badLine(2), 100_000);
  expect(draft.take()).toEqual({ rows: [row(1)], badLines: [badLine(2)] });
  expect(draft.hasRoomForBadLine(65_536)).toBe(true);
  expect(draft.take()).toEqual({ rows: [], badLines: [] });
});
