import { createLogger } from '@herald/service-kit';
import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';
import { CheckpointMovedError } from './checkpoint.ts';

const harness = useFolds();

/** Those on subjects of clients change nothing. */
const passes = (subject: string): boolean => subject.includes('.entity.client.');

const stored = async (): Promise<number> => {
  const { rows } = await sql<{ sequence: number }>`select sequence from checkpoint`.execute(harness.database);
  return rows[0]?.sequence ?? 0;
};

test('passes what changes nothing without reading it, and its checkpoint follows by itself', async () => {
  const fold = harness.start({ passes });
  const [, second = 0] = await harness.appendOfClients('no event', someText());
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === second);
  expect(fold.state).toMatchObject({ behind: 0, parked: 0 });
  await eventually(async () => (await stored()) === second);
  expect((await harness.seen()).total).toBe(0);
});

test('what is passed beside what is folded moves the checkpoint with it, each event once', async () => {
  const fold = harness.start({ passes });
  const positions: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    await harness.appendOfClients(someText());
    positions.push(...(await harness.append(someText())));
  }
  const [last = 0] = await harness.appendOfClients(someText());
  await eventually(async () => (await stored()) === last);
  expect(await harness.seen()).toEqual({ sequences: positions, total: 20 });
  await fold.stop();
  const next = harness.start({ passes });
  const [later = 0] = await harness.append(someText());
  await eventually(() => next.state.kind === 'folding' && next.state.sequence === later);
  expect((await harness.seen()).total).toBe(21);
});

test('a checkpoint that another has moved meanwhile is looked at again by who only passes, who says why', async () => {
  const log = createLogger('test', 'test', 'silent');
  const warn = vi.spyOn(log, 'warn');
  const fold = harness.start({ passes, log });
  const [first = 0, second = 0] = await harness.appendOfClients(someText(), someText());
  await eventually(async () => (await stored()) === second);
  await sql`update checkpoint set sequence = ${first}, last_event_id = null`.execute(harness.database);
  const [third = 0] = await harness.appendOfClients(someText());
  await eventually(async () => (await stored()) === third);
  await eventually(() => fold.state.kind === 'folding' && fold.state.sequence === third);
  expect(warn).toHaveBeenCalledWith(
    { err: expect.any(CheckpointMovedError), fold: 'seen' },
    'the fold leaves its model and looks again',
  );
});
