import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';
import { refuseOlderFolds } from './fold-tables.ts';

const harness = useFolds();

const parked = async (): Promise<unknown[]> =>
  (await sql`select sequence from parked_event`.execute(harness.database)).rows;

test('an instance of an older release can neither move the checkpoint nor make one', async () => {
  const [sequence = 0] = await harness.append(someText());
  const fold = harness.start();
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === sequence);
  const move = sql`
    update checkpoint set sequence = sequence + 1, last_event_id = null, as_of = now() where name = 'seen'`;
  const make = sql`
    insert into checkpoint (name, sequence, stream_created, as_of) values ('other', 0, 'then', now())`;
  for (const statement of [move, make])
    await expect(statement.execute(harness.database)).rejects.toThrow('a_newer_release_has_taken_over');
});

test('tables that an older release made meanwhile are brought up to date, and nothing is parked', async () => {
  await sql`alter table checkpoint drop column confirmed_as_of`.execute(harness.database);
  const [sequence = 0] = await harness.append(someText());
  const fold = harness.start({ prepare: () => refuseOlderFolds(harness.database) });
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === sequence);
  expect(await parked()).toEqual([]);
  expect(await harness.seen()).toEqual({ sequences: [sequence], total: 1 });
});
