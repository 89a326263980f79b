import type { AcceptedNote, StoredImport } from '@herald/contracts';
import { expect, test } from 'vitest';
import { describeLive, describeStored } from './describe-import.ts';

const id = '0191b4a4-0000-7000-8000-000000000001';
const order = { onDuplicate: 'update', dryRun: false, startedAt: '2026-01-31T09:00:00.000Z' } as const;
const latest = '2026-01-31T09:01:00.000Z';
const errors = [{ line: 4, message: 'is bad' }];

const stored = (more: Partial<StoredImport> = {}): StoredImport => ({
  record: null,
  chunksDone: 0,
  registered: 0,
  updated: 0,
  rejected: 0,
  badLines: 0,
  latest: null,
  errors: [],
  ...more,
});
const end = { chunks: 2, received: 700, badLines: 1, stopped: false };
const half = { chunksDone: 1, registered: 498, updated: 1, rejected: 1, badLines: 1, latest, errors };
const whole = { ...half, chunksDone: 2, registered: 695, rejected: 4 };
const endNote: AcceptedNote = { kind: 'import', order, chunks: 2, received: 700, rejected: 1, errors: [] };

test('an import of which nobody knows is none, nor is what belongs to another call or an earlier release', () => {
  expect(describeStored(id, null, stored())).toBeNull();
  expect(describeStored(id, { kind: 'command' }, stored())).toBeNull();
  expect(describeStored(id, { kind: 'import-begun' }, stored())).toBeNull();
});

test('one that has begun, and that nobody works on, was interrupted: what was carried out stays', () => {
  const begun: AcceptedNote = { kind: 'import-begun', order };
  expect(describeStored(id, begun, stored())).toMatchObject({ state: 'interrupted', received: 0 });
  const state = { state: 'interrupted', received: 500, registered: 498, rejected: 1, endedAt: null };
  expect(describeStored(id, begun, stored(half))).toMatchObject(state);
  // A week later the note is gone.
  const record = { ...order, end: null };
  expect(describeStored(id, null, stored({ ...half, record }))).toMatchObject({ ...state, ...order });
});

test('one that was read whole runs until its last chunk is carried out', () => {
  const running = { state: 'running', received: 700, registered: 498, endedAt: null };
  expect(describeStored(id, endNote, stored(half))).toMatchObject(running);
  const record = { ...order, end };
  expect(describeStored(id, null, stored({ ...half, record }))).toMatchObject(running);
});

test('one whose chunks are all carried out is completed, with or without its note', () => {
  const completed = {
    id,
    state: 'completed',
    ...order,
    received: 700,
    registered: 695,
    updated: 1,
    rejected: 4,
    rejectedOmitted: 0,
    endedAt: latest,
    errors,
  };
  expect(describeStored(id, endNote, stored(whole))).toEqual(completed);
  const record = { ...order, end };
  expect(describeStored(id, null, stored({ ...whole, record }))).toEqual(completed);
  // The note at the end could not be left.
  expect(describeStored(id, { kind: 'import-begun', order }, stored({ ...whole, record }))).toEqual(
    completed,
  );
});

test('one that was ended for its bad lines is stopped', () => {
  const record = { ...order, end: { ...end, stopped: true } };
  expect(describeStored(id, endNote, stored({ ...whole, record }))).toMatchObject({ state: 'stopped' });
});

test('bad lines that are not kept are counted, and told apart', () => {
  const record = { ...order, end: { ...end, received: 1_200, badLines: 501 } };
  expect(describeStored(id, null, stored({ ...whole, record }))).toMatchObject({
    received: 1_200,
    registered: 695,
    updated: 1,
    rejected: 504,
    rejectedOmitted: 500,
  });
});

test('one that is worked on runs, whatever is stored of it', () => {
  const live = { order, received: 10, registered: 5, updated: 0, rejected: 2, omitted: 1, errors };
  expect(describeLive(id, live)).toEqual({
    id,
    state: 'running',
    ...order,
    received: 10,
    registered: 5,
    updated: 0,
    rejected: 2,
    rejectedOmitted: 1,
    errors,
    endedAt: null,
  });
});
