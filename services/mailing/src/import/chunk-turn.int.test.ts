import { commandSubjects, importChunkId, makeCommand, newId } from '@herald/contracts';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { useMailing } from '../../test/mailing-fixture.ts';
import type { Tables } from '../database/tables.ts';
import { ChunkTurns } from './chunk-turn.ts';
import type { ImportCommand } from './import-command.ts';
import { ImportPace } from './import-pace.ts';

const fixture = useMailing(1);
let database: Kysely<Tables>;
beforeAll(async () => {
  await fixture.register('79280000200');
  database = openTables(fixture.database.url, 2);
});
afterAll(() => database.destroy());

const MINUTE_MS = 60_000;

it('a chunk waits for those before it, and no longer than ten minutes without any progress', async () => {
  let now = Date.now();
  const turns = new ChunkTurns({
    runtime: fixture.tester,
    database,
    now: () => new Date(now),
    importPace: new ImportPace(),
  });
  const importId = newId();
  const bodyOf = (chunk: number, after: number[]) => {
    const rows = [{ line: chunk + 2, phone: '79280000201', timezone: 'UTC' }];
    const data = { importId, chunk, onDuplicate: 'update' as const, rows, after };
    return { type: 'ImportClients' as const, data };
  };
  const chunkOf = (chunk: number, after: number[]): ImportCommand =>
    makeCommand<'ImportClients'>(
      importChunkId(importId, chunk),
      'fingerprint',
      bodyOf(chunk, after),
      { source: 'tester', correlationId: 'test' },
      new Date(),
    );
  expect(await turns.look(chunkOf(9, [8]))).toEqual({ kind: 'later', delayMs: 450, reason: 'order' });

  const subject = commandSubjects.import(importId);
  await fixture.command(bodyOf(0, []), { id: importChunkId(importId, 0), subject });
  expect(await turns.look(chunkOf(1, [0]))).toEqual({ kind: 'now' });
  now += 9 * MINUTE_MS;
  expect(await turns.look(chunkOf(9, [8]))).toEqual({ kind: 'later', delayMs: 400, reason: 'order' });
  now += 2 * MINUTE_MS;
  expect(await turns.look(chunkOf(9, [8]))).toEqual({ kind: 'now' });
  expect(await turns.look(chunkOf(9, [8]))).toEqual({ kind: 'now' });
  turns.carriedOut(chunkOf(9, [8]));
  expect(await turns.look(chunkOf(9, [8]))).toMatchObject({ kind: 'later' });
});
