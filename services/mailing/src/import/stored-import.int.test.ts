import {
  commandSubjects,
  type ImportRow,
  importChunkId,
  importRecordQuery,
  importRejectedQuery,
  newId,
  type RejectedLine,
} from '@herald/contracts';
import { ask } from '@herald/service-kit';
import { describe, expect, it } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { useMailing } from '../../test/mailing-fixture.ts';
import { importOf, type SentChunk } from '../../test/sent-import.ts';
import { deleteOldResults } from '../commands/command-results.ts';
import { forgetImports } from './forget-imports.ts';

const STARTED = '2026-01-31T09:00:00.000Z';

describe('what is stored of an import', () => {
  const fixture = useMailing(1);
  const send = (importId: string, chunk: SentChunk) => importOf(fixture, importId, chunk);
  const stored = (importId: string) => ask(fixture.tester.broker, importRecordQuery, { importId });

  async function rejectedOf(importId: string): Promise<{ pages: number; lines: RejectedLine[] }> {
    const lines: RejectedLine[] = [];
    for (let pages = 1, after: number | null = null; ; pages += 1) {
      const page: { lines: RejectedLine[]; next: number | null } = await ask(
        fixture.tester.broker,
        importRejectedQuery,
        { importId, after },
      );
      lines.push(...page.lines);
      if (page.next === null) return { pages, lines };
      after = page.next;
    }
  }

  let phones = 0;
  const newRow = (line: number): ImportRow => {
    phones += 1;
    return { line, phone: `7931${String(phones).padStart(7, '0')}`, timezone: 'UTC', tag: 'a' };
  };
  const badLine = (line: number): RejectedLine => ({ line, reason: 'is bad', phone: '123' });

  it('is nothing where nothing was carried out', async () => {
    const importId = newId();
    expect(await stored(importId)).toEqual({
      record: null,
      chunksDone: 0,
      registered: 0,
      updated: 0,
      rejected: 0,
      badLines: 0,
      latest: null,
      errors: [],
    });
    expect(await rejectedOf(importId)).toEqual({ pages: 1, lines: [] });
  });

  it('is what was asked, how it ended, and all lines that were rejected, whoever did it, in their order', async () => {
    const importId = newId();
    const row = newRow(3);
    await send(importId, {
      chunk: 0,
      rows: [row, { ...row, line: 4, tag: 'b' }],
      badLines: [badLine(2), badLine(5)],
    });
    const order = { onDuplicate: 'reject', dryRun: false, startedAt: STARTED };
    const known = { line: 4, message: 'phone: is in the directory already' };
    const errors = [{ line: 2, message: 'is bad' }, known, { line: 5, message: 'is bad' }];
    expect(await stored(importId)).toMatchObject({
      record: { ...order, end: null },
      chunksDone: 1,
      registered: 1,
      rejected: 3,
      badLines: 2,
      errors,
    });
    const end = { chunks: 2, received: 5, badLines: 3, stopped: false };
    await send(importId, { chunk: 1, rows: [], badLines: [badLine(6)], end });
    const told = await stored(importId);
    expect(told).toMatchObject({ record: { ...order, end }, chunksDone: 2, rejected: 4, badLines: 3 });
    expect(Date.parse(told.latest ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect((await rejectedOf(importId)).lines).toEqual([
      badLine(2),
      { ...row, line: 4, tag: 'b', reason: known.message },
      badLine(5),
      badLine(6),
    ]);
  });

  it('is one record where the first and the last chunk are carried out at the same time', async () => {
    const importId = newId();
    const end = { chunks: 2, received: 2, badLines: 0, stopped: true };
    await Promise.all([
      send(importId, { chunk: 0, rows: [newRow(2)] }),
      send(importId, { chunk: 1, rows: [newRow(3)], end }),
    ]);
    expect(await stored(importId)).toMatchObject({ record: { startedAt: STARTED, end }, chunksDone: 2 });
  });

  it('comes in pages that hold every line once, and fit an answer', async () => {
    const importId = newId();
    const original = 'é'.repeat(60);
    const lines = Array.from({ length: 3_300 }, (_, index) => ({ ...badLine(index + 2), original }));
    const chunks = Array.from({ length: 150 }, (_, chunk) => lines.slice(chunk * 22, chunk * 22 + 22));
    await Promise.all(chunks.map((badLines, chunk) => send(importId, { chunk, rows: [], badLines })));
    const { pages, lines: listed } = await rejectedOf(importId);
    expect(listed).toEqual(lines);
    expect(pages).toBeGreaterThan(4);
    expect((await stored(importId)).errors.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 2),
    );
  });

  it('fits answers also where each chunk is as large as it may be', async () => {
    const importId = newId();
    const badLines = Array.from({ length: 500 }, (_, index) => ({
      ...badLine(index + 2),
      tag: '\u0001'.repeat(120),
    }));
    for (const chunk of [0, 1, 2]) await send(importId, { chunk, rows: [], badLines });
    expect(await rejectedOf(importId)).toMatchObject({ pages: 4, lines: { length: 1_500 } });
  });

  it('keeps values that are no text for a database as they are', async () => {
    const importId = newId();
    const line = { ...badLine(2), tag: 'a\u0000b', original: '\ufffd"\\u0000' };
    await send(importId, { chunk: 0, rows: [], badLines: [line] });
    expect((await rejectedOf(importId)).lines).toEqual([line]);
  });

  it('holds what the answered delivery rejected, once, when a chunk comes again', async () => {
    const importId = newId();
    const row = newRow(2);
    const chunk = { chunk: 0, rows: [row, { ...row, line: 3 }], badLines: [badLine(4)] };
    const first = await send(importId, chunk);
    const lines = (await rejectedOf(importId)).lines;
    expect(await send(importId, chunk)).toEqual(first);
    expect((await rejectedOf(importId)).lines).toEqual(lines);
    await fixture.model.forgetResult(importChunkId(importId, 0));
    expect(await send(importId, chunk)).toEqual(first);
    expect((await rejectedOf(importId)).lines).toEqual(lines);
  });

  it('tells of no record where a gateway of an earlier release has sent it, and still of what became of it', async () => {
    const importId = newId();
    const data = { importId, chunk: 0, onDuplicate: 'reject' as const, rows: [newRow(2)] };
    await fixture.command({ type: 'ImportClients', data }, { subject: commandSubjects.import(importId) });
    expect(await stored(importId)).toMatchObject({ record: null, chunksDone: 1, registered: 1 });
  });

  it('is gone after 14 days, with the phones in it', async () => {
    const [old, young] = [newId(), newId()];
    for (const importId of [old, young]) {
      await send(importId, { chunk: 0, dryRun: true, rows: [newRow(2)], badLines: [badLine(3)] });
    }
    await fixture.model.age(old, 15);
    await fixture.model.age(young, 13);
    const database = openTables(fixture.database.url);
    try {
      await forgetImports(database);
      await deleteOldResults(database);
    } finally {
      await database.destroy();
    }
    expect(await stored(old)).toMatchObject({ record: null, chunksDone: 0, errors: [] });
    expect((await rejectedOf(old)).lines).toEqual([]);
    expect(await fixture.model.phonesOf(old)).toBe(0);
    expect(await stored(young)).toMatchObject({ record: { dryRun: true }, chunksDone: 1 });
    expect((await rejectedOf(young)).lines).toEqual([badLine(3)]);
    expect(await fixture.model.phonesOf(young)).toBe(1);
  });
});
