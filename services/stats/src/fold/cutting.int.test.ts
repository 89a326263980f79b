import { type Mailing, makeEvent } from '@herald/contracts';
import { migrate, openDatabase } from '@herald/postgres';
import { createTestDatabase, type TestDatabase } from '@herald/testkit';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  aMailing,
  ending,
  entity,
  grouped,
  isSingle,
  moment,
  outcome,
  queued,
  type Step,
} from '../../test/story.ts';
import { OUTCOME_BYTES } from '../database/batch-outcomes.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import { messageOf } from '../queries/message-row.ts';
import { readMessages } from '../queries/read-messages.ts';
import { applyEvents } from './apply-events.ts';

const BATCH = 3;
const mailings = [aMailing('one'), aMailing('two')] as const;

let server: TestDatabase;
let database: Kysely<Tables>;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url, schema: 'cutting', connections: 1, name: 'tester' });
  await migrate(database, 'cutting', migrations);
});
afterAll(async () => {
  await database.destroy();
  await server.drop();
});

/** Folds the chunks one after another into empty tables and reads everything that came of it. */
async function fold(chunks: readonly (readonly Step[])[]): Promise<Record<string, unknown[]>> {
  let sequence = 0;
  await sql`truncate mailing, mailing_version, client_version, queued_batch, batch_outcomes, message_error, counter, timeline,
    count_change`.execute(database);
  for (const chunk of chunks) {
    const events = chunk.map(({ subject, body, at }) => {
      sequence += 1;
      const event = makeEvent(body, { source: 'tester', correlationId: 'test' }, at);
      return { event, record: { subject, sequence, storedAt: at.getTime(), pending: 0, text: '' } };
    });
    await database.transaction().execute((transaction) => applyEvents(transaction, 0, events));
  }
  const rows = async (table: keyof Tables, ...order: string[]): Promise<unknown[]> =>
    (await sql.raw(`select * from ${table} order by ${order.join(', ')}`).execute(database)).rows;
  return {
    mailing: await rows('mailing', 'id'),
    batch: await rows('queued_batch', 'mailing_id', 'batch'),
    outcomes: await rows('batch_outcomes', 'first_message_id'),
    errors: await rows('message_error', 'message_id'),
    counter: await rows('counter', 'mailing_id', 'lane'),
    timeline: await rows('timeline', 'mailing_id', 'bin', 'width', 'lane'),
    versions: await rows('mailing_version', 'mailing_id', 'sequence'),
    changes: await rows('count_change', 'mailing_id', 'sequence', 'bin', 'width'),
  };
}

/** The bytes of a batch's messages but for the last five of each: where the log says so. */
function withoutPositions(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let end = OUTCOME_BYTES; end <= copy.length; end += OUTCOME_BYTES) copy.fill(0, end - 5, end);
  return copy;
}

const firstOf = (mailing: Mailing, batch: number): number =>
  1 + (mailings.findIndex(({ id }) => id === mailing.id) * 2 + batch) * BATCH;

const happening = fc.record({
  kind: fc.constantFrom(
    'MessageSent' as const,
    'MessageFailed' as const,
    'MessageRetried' as const,
    'MessageUndecided' as const,
    'MessageUnknown' as const,
    'MessagesExpired' as const,
    'MessagesCancelled' as const,
    'MailingPaused' as const,
  ),
  mailing: fc.constantFrom(...mailings),
  batch: fc.nat(1),
  member: fc.nat(BATCH - 1),
  attempt: fc.integer({ min: 0, max: 4 }),
  gap: fc.nat(40),
});

/** Any history that a log can hold: a batch is queued before anything is said of its messages. */
const history = fc.array(happening, { minLength: 1, maxLength: 25 }).map((happenings) => {
  const steps: Step[] = [];
  const known = new Set<number>();
  let seconds = 0;
  for (const { kind, mailing, batch, member, attempt, gap } of happenings) {
    seconds += gap;
    const at = moment(seconds);
    const first = firstOf(mailing, batch);
    if (kind === 'MailingPaused') {
      steps.push(entity(kind, { ...mailing, name: `at ${seconds}`, status: 'paused' }, at));
      continue;
    }
    if (!known.has(first)) steps.push(queued(mailing, batch, first, BATCH, at));
    known.add(first);
    steps.push(
      kind === 'MessagesExpired' || kind === 'MessagesCancelled'
        ? ending(kind, mailing, batch, [first, first + member], at)
        : outcome(kind, mailing, batch, first + member, at, attempt, `error ${seconds}`),
    );
  }
  return steps;
});

/** Cuts a sequence in chunks: behind every event whose flag is set. */
function cut(steps: readonly Step[], flags: readonly boolean[]): Step[][] {
  const chunks: Step[][] = [[]];
  for (const [index, step] of steps.entries()) {
    chunks.at(-1)?.push(step);
    if (flags[index % flags.length] === true) chunks.push([]);
  }
  return chunks;
}

/** The same history with outcomes of one batch that follow each other in one record, as logs hold them today. */
function group(steps: readonly Step[]): Step[] {
  const records: Step[] = [];
  let run: Step[] = [];
  const flush = (): void => {
    const data = run[0]?.body.data;
    if (data !== undefined && 'batch' in data) {
      const mailing = mailings.find(({ id }) => id === data.mailingId) ?? mailings[0];
      records.push(grouped(mailing, data.batch, firstOf(mailing, data.batch), run));
    }
    run = [];
  };
  for (const step of steps) {
    if (run.length > 0 && step.subject !== run[0]?.subject) flush();
    if (isSingle(step.body)) run.push(step);
    else {
      flush();
      records.push(step);
    }
  }
  flush();
  return records;
}

test('wherever a history is cut in chunks, the same rows and counters come of it', async () => {
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(history, flags, async (steps, where) => {
      const oneByOne = await fold(steps.map((step) => [step]));
      expect(await fold([steps])).toStrictEqual(oneByOne);
      expect(await fold(cut(steps, where))).toStrictEqual(oneByOne);
    }),
    { numRuns: 40 },
  );
});

test('a history with its outcomes in groups comes to the same rows, wherever it is cut', async () => {
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
  // Where things stand in the log differs: a log of groups has fewer records.
  const withoutPlaces = ({ changes: _, ...tables }: Awaited<ReturnType<typeof fold>>): unknown => ({
    ...tables,
    batch: tables.batch?.map((row) => ({ ...Object(row), queued_sequence: 0 })),
    mailing: tables.mailing?.map((row) => ({ ...Object(row), sequence: 0 })),
    versions: tables.versions?.map((row) => ({ ...Object(row), sequence: 0 })),
    outcomes: tables.outcomes?.map((row) => ({
      ...Object(row),
      changed_at: 0,
      outcomes: withoutPositions(Object(row).outcomes),
    })),
  });
  await fc.assert(
    fc.asyncProperty(history, flags, async (steps, where) => {
      const single = withoutPlaces(await fold([steps]));
      expect(withoutPlaces(await fold(cut(group(steps), where)))).toStrictEqual(single);
    }),
    { numRuns: 40 },
  );
});

test('a batch that names a message of another one is refused, in one chunk and in two', async () => {
  const [one, two] = mailings;
  const first = queued(one, 0, 1, 3, moment(0));
  const again = queued(two, 5, 3, 1, moment(1));
  await expect(fold([[first, again]])).rejects.toThrow(/conflicting key value/);
  await expect(fold([[first], [again]])).rejects.toThrow(/conflicting key value/);
});

test('what is said of a batch that was never queued, or of a message that it does not hold, changes nothing', async () => {
  const [one, two] = mailings;
  const { outcomes, counter } = await fold([
    [queued(one, 0, 1, 2, moment(0))],
    [outcome('MessageSent', one, 0, 3, moment(1)), outcome('MessageSent', two, 0, 1, moment(1))],
    [ending('MessagesExpired', one, 1, [1], moment(2))],
  ]);
  expect(outcomes).toMatchObject([{ first_message_id: 1, queued: 2, sent: 0, outcomes: Buffer.alloc(0) }]);
  expect(counter).toMatchObject([{ queued: 2, sent: 0, expired: 0 }]);
});

test('a batch of the greatest size is kept in its row, and read as it was written', async () => {
  const [mailing] = mailings;
  const size = 250;
  const places = Array.from({ length: size }, (_, place) => place);
  const sent = places.map((place) => outcome('MessageSent', mailing, 0, 1 + place, moment(place), place + 1));
  await fold([[queued(mailing, 0, 1, size, moment(0))], [grouped(mailing, 0, 1, sent)]]);
  const { rows } = await sql`
    select pg_column_size(outcomes)::int as bytes, sent from batch_outcomes`.execute(database);
  expect(rows).toStrictEqual([{ bytes: size * OUTCOME_BYTES + 4, sent: size }]);
  const messages = await readMessages(database, { firstId: 1, limit: 1_000 });
  expect(messages.map(messageOf)).toMatchObject(
    places.map((place) => ({ status: 'sent', attempts: place + 1, endedAt: moment(place).toISOString() })),
  );
});

test('of several ends of one message the first counts, whether or not they come in one chunk', async () => {
  const [mailing] = mailings;
  const steps = [
    queued(mailing, 0, 1, 2, moment(0)),
    outcome('MessageFailed', mailing, 0, 1, moment(1)),
    outcome('MessageSent', mailing, 0, 1, moment(61)),
    ending('MessagesExpired', mailing, 0, [1, 2], moment(121)),
    ending('MessagesCancelled', mailing, 0, [1, 2], moment(181)),
  ];
  for (const chunks of [[steps], steps.map((step) => [step])]) {
    const { counter, timeline } = await fold(chunks);
    expect(counter).toMatchObject([
      { queued: 0, sent: 0, failed: 1, expired: 1, cancelled: 0, unknown: 0, first_sent_at: null },
    ]);
    expect(timeline).toMatchObject([
      { bin: moment(1).getTime(), width: 1_000, failed: 1, sent: 0, expired: 0, cancelled: 0 },
      { bin: moment(121).getTime(), width: 1_000, failed: 0, sent: 0, expired: 1, cancelled: 0 },
    ]);
  }
});

test('a retry counts where its attempt is higher than all before it, whether or not they come in one chunk', async () => {
  const [mailing] = mailings;
  const known = queued(mailing, 0, 1, 1, moment(0));
  const steps = [2, 1, 2, 3].map((attempt) =>
    outcome('MessageRetried', mailing, 0, 1, moment(attempt), attempt),
  );
  for (const chunks of [[[known, ...steps]], [[known], steps], [[known], ...steps.map((step) => [step])]]) {
    const { counter } = await fold(chunks);
    expect(counter).toMatchObject([{ queued: 1, retries: 2 }]);
  }
});

test('an error that holds what no database column can hold does not keep its outcome from counting', async () => {
  const [mailing] = mailings;
  const { counter } = await fold([
    [queued(mailing, 0, 1, 1, moment(0))],
    [outcome('MessageFailed', mailing, 0, 1, moment(1), 1, 'nul \u0000 inside')],
  ]);
  expect(counter).toMatchObject([{ queued: 0, failed: 1 }]);
});
