import { eventually } from '@herald/testkit';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { someText } from '../test/fold-harness.ts';
import { useFolds } from '../test/use-folds.ts';
import { foldHealth } from './fold-state.ts';

const harness = useFolds();

const kind = (fold: { state: { kind: string } }): string => fold.state.kind;

test('folds what stands in the log and what comes later, each event once', async () => {
  const before = await harness.append(someText(), someText());
  harness.start({ chunkEvents: 3 });
  const later = await harness.append(...Array.from({ length: 20 }, () => someText()));

  const expected = [...before, ...later].sort((one, other) => one - other);
  await eventually(async () => {
    expect(await harness.seen()).toEqual({ sequences: expected, total: 22 });
    return true;
  });
});

test('a stopped fold goes on where it ended', async () => {
  const first = await harness.append(someText(), someText());
  const fold = harness.start();
  await eventually(async () => (await harness.seen()).total === 2);
  await fold.stop();
  expect(kind(fold)).toBe('stopped');
  const second = await harness.append(someText());

  const next = harness.start();
  await eventually(
    () => next.state.kind === 'folding' && next.state.behind === 0 && next.state.sequence === 3,
  );
  expect(await harness.seen()).toEqual({ sequences: [...first, ...second].sort(), total: 3 });
});

test('cuts a transaction by the size of its events', async () => {
  const text = someText();
  await harness.append(...Array.from({ length: 10 }, () => text));
  const sizes: number[] = [];
  harness.start({
    chunkCharacters: text.length * 4,
    onCommitted: (events) => void sizes.push(events.length),
  });

  await eventually(async () => (await harness.seen()).total === 10);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
});

test('its transactions alone wait for no disk', async () => {
  // Looked at when the transaction ends, which is when it counts.
  await sql.raw(NOTE_HOW_COMMITTED).execute(harness.database);
  harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await sql`update total set events = 5`.execute(harness.database);

  const { rows } = await sql`select events, setting, is_ours from committed order by events`.execute(
    harness.database,
  );
  expect(rows).toEqual([
    { events: 1, setting: 'off', is_ours: true },
    { events: 5, setting: expect.any(String), is_ours: false },
  ]);
});

/** Servers of tests have it off from the start: what matters is who set it. */
const NOTE_HOW_COMMITTED = `
  create table committed (events bigint, setting text, is_ours boolean);
  create function note_how() returns trigger language plpgsql as $$
  begin
    insert into committed select new.events, setting, source = 'session'
    from pg_settings where name = 'synchronous_commit';
    return null;
  end $$;
  create constraint trigger noting after update on total deferrable initially deferred
  for each row execute function note_how()`;

test('says how much of its own filter is behind, not of the whole log', async () => {
  await harness.append(...Array.from({ length: 5 }, () => someText()));
  const fold = harness.start({ filter: 'events.99.>' });

  await eventually(() => fold.state.kind === 'folding' && fold.state.behind === 0);
});

test('goes on when the broker was killed and came back', async () => {
  harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await harness.nats.kill();
  await harness.nats.restart();

  await harness.append(someText());

  await eventually(async () => (await harness.seen()).total === 2, { timeoutMs: 20_000 });
});

test('a single table that is gone is named until it is there again, and then everything is folded', async () => {
  const fold = harness.start();
  await harness.append(someText());
  await eventually(async () => (await harness.seen()).total === 1);
  await sql`alter table seen rename to hidden`.execute(harness.database);
  await harness.append(someText());
  const reason = await eventually(() => fold.state.kind === 'halted' && fold.state.reason);
  expect(reason).toContain('the table seen is gone');
  await sql`alter table hidden rename to seen`.execute(harness.database);
  await eventually(async () => (await harness.seen()).total === 2);
  await eventually(() => foldHealth(fold.state) === true);
});
