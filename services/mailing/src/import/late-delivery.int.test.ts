import {
  type CommandBody,
  commandSubjects,
  eventSubjects,
  type ImportRow,
  importChunkId,
  makeCommand,
  newId,
} from '@herald/contracts';
import { expect, it } from 'vitest';
import { openTables } from '../../test/mailing-database.ts';
import { clientOf, useMailing } from '../../test/mailing-fixture.ts';
import { loadClient } from '../clients/load-client.ts';
import type { Dependencies } from '../dependencies.ts';
import { handleImport } from './handle-import.ts';
import { ImportPace } from './import-pace.ts';

const fixture = useMailing(1);

const PHONE = '79280000101';

it('a chunk whose other delivery was carried out meanwhile undoes nothing that came after it', async () => {
  const { id } = clientOf(await fixture.register(PHONE, { tag: 'first' }));
  const importId = newId();
  const bodyOf = (chunk: number, tag: string): CommandBody<'ImportClients'> => {
    const rows: ImportRow[] = [{ line: 2 + chunk, phone: PHONE, timezone: 'Europe/Moscow', tag }];
    return { type: 'ImportClients', data: { importId, chunk, onDuplicate: 'update', rows } };
  };
  const subject = commandSubjects.import(importId);
  // The first chunk changes nothing, so the client does not remember its row.
  await fixture.command(bodyOf(0, 'first'), { id: importChunkId(importId, 0), subject });
  await fixture.command(bodyOf(1, 'second'), { id: importChunkId(importId, 1), subject });

  const database = openTables(fixture.database.url, 2);
  const late: Dependencies = {
    runtime: fixture.tester,
    database,
    now: () => new Date(),
    importPace: new ImportPace(),
  };
  const provenance = { source: 'tester', correlationId: 'test' };
  const first = makeCommand(
    importChunkId(importId, 0),
    'fingerprint',
    bodyOf(0, 'first'),
    provenance,
    new Date(),
  );
  const events = (await fixture.log.events(eventSubjects.client(id))).length;
  await handleImport(late, first);
  await database.destroy();

  expect((await loadClient(fixture.tester.broker, id)).state?.client.tag).toBe('second');
  expect(await fixture.log.events(eventSubjects.client(id))).toHaveLength(events);
});
