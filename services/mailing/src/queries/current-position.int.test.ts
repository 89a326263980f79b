import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { useMailingTables } from '../../test/mailing-database.ts';
import { FOLD } from '../database/look.ts';
import { currentPosition } from './current-position.ts';

const tables = useMailingTables(10);

const fold = (sequence: number) =>
  sql`
  insert into checkpoint (name, sequence, stream_created, as_of, confirmed_as_of)
  values (${FOLD}, ${sequence}, 'test', now(), now())
  on conflict (name) do update set sequence = excluded.sequence`.execute(tables.database);

it('takes no model for one that is rebuilt because two answers overtook each other', async () => {
  await fold(1);
  let folding = true;
  const ask = async (): Promise<void> => {
    while (folding) await currentPosition(tables.database);
  };
  const asking = Promise.all(Array.from({ length: 8 }, ask));
  for (let sequence = 2; sequence <= 300; sequence += 1) await fold(sequence);
  folding = false;
  await expect(asking).resolves.toHaveLength(8);
});

it('does not answer from a model that is behind what it was', async () => {
  await fold(1_000);
  await currentPosition(tables.database);
  await fold(999);
  await expect(currentPosition(tables.database)).rejects.toThrow('is being rebuilt');
  await expect(currentPosition(tables.database)).rejects.toThrow('is being rebuilt');
  await fold(1_000);
  expect(await currentPosition(tables.database)).toMatchObject({ sequence: 1_000 });
});
