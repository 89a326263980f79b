import { makeEvent } from '@herald/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aMailing,
  clientId,
  ending,
  entity,
  grouped,
  moment,
  outcome,
  queued,
  type Step,
} from '../../test/story.ts';
import { MOST_ATTEMPTS, OUTCOME_BYTES, readOutcome } from '../database/batch-outcomes.ts';
import type { BatchState } from './batch-state.ts';
import { Chunk } from './chunk.ts';
import type { CountChange } from './count-changes.ts';

const spring = aMailing('spring');

function fold(chunk: Chunk, ...steps: readonly Step[]): Chunk {
  for (const [index, { subject, body, at }] of steps.entries()) {
    const event = makeEvent(body, { source: 'tester', correlationId: 'test' }, at);
    const record = { subject, sequence: index + 1, storedAt: at.getTime(), pending: 0, text: '' };
    chunk.add({ event, record });
  }
  return chunk;
}

/** A chunk whose steps follow in the same one, or in one that begins with what the first has left. */
const chunks: Record<string, (known: Step, ...steps: readonly Step[]) => Chunk> = {
  'that is queued in the chunk': (known, ...steps) => fold(new Chunk(new Map()), known, ...steps),
  'that was known before the chunk': (known, ...steps) => {
    const before = fold(new Chunk(new Map()), known);
    return fold(new Chunk(before.batches), ...steps);
  },
};

/** What the changes of a chunk come to. */
function sums({ counts }: Chunk): Record<string, number | null> {
  const sum = (of: (change: CountChange) => number): number =>
    counts.all.reduce((all, one) => all + of(one), 0);
  const moments = counts.all.flatMap(({ firstSentAt }) => (firstSentAt === null ? [] : [firstSentAt]));
  return {
    queued: sum((one) => one.queued),
    sent: sum((one) => one.ended.sent),
    failed: sum((one) => one.ended.failed),
    retries: sum((one) => one.retries),
    firstSentAt: moments.length === 0 ? null : Math.min(...moments),
  };
}

/** What a chunk leaves of one message, but for where the log says so. */
function seen(chunk: Chunk, id: number): unknown {
  const state = [...chunk.batches.values()].find(({ firstMessageId }) => firstMessageId <= id);
  if (state === undefined) return undefined;
  const place = id - state.firstMessageId;
  const bytes = state.outcomes?.bytes.subarray(place * OUTCOME_BYTES, (place + 1) * OUTCOME_BYTES) ?? null;
  const { position: _position, ...outcome } = readOutcome(bytes);
  return { ...outcome, error: chunk.errors.get(id) ?? null };
}

test('a batch that is queued is one row with its clients in their order, and remembers where it stands', () => {
  const chunk = fold(new Chunk(new Map()), queued(spring, 3, 10, 2, moment(1)));
  expect(chunk.queued).toStrictEqual([
    {
      mailingId: spring.id,
      batch: 3,
      firstMessageId: 10,
      timezone: 'UTC',
      clientIds: [clientId(10), clientId(11)],
      createdAt: moment(1),
      sequence: 1,
    },
  ]);
  const states: BatchState[] = [...chunk.batches.values()];
  expect(states).toMatchObject([{ outcomes: null, isChanged: false }]);
});

test('what the tables cannot hold is kept as the nearest that they can, and takes no other outcome of its group along', () => {
  const before1970 = new Date('0001-01-01T00:00:00.000Z');
  const last = new Date('9999-12-31T23:59:59.999Z');
  const chunk = fold(
    new Chunk(new Map()),
    queued(spring, 0, 1, 4, before1970),
    grouped(spring, 0, 1, [
      outcome('MessageRetried', spring, 0, 1, moment(1), 2 ** 40),
      outcome('MessageSent', spring, 0, 2, before1970, 2 ** 33),
      outcome('MessageSent', spring, 0, 3, moment(3)),
    ]),
    outcome('MessageFailed', spring, 0, 4, last, 1, 'late'),
  );
  expect(chunk.queued).toMatchObject([{ createdAt: new Date(0) }]);
  const most = MOST_ATTEMPTS;
  expect([1, 2, 3, 4].map((id) => seen(chunk, id))).toMatchObject([
    { status: 'queued', attempts: most },
    { status: 'sent', attempts: most, endedAt: new Date(0) },
    { status: 'sent', attempts: 1, endedAt: moment(3) },
    { status: 'failed', attempts: 1, endedAt: last },
  ]);
  expect(sums(chunk)).toMatchObject({ retries: 1, firstSentAt: 0 });
});

test('a batch that is queued again is refused', () => {
  const twice = [queued(spring, 3, 10, 2, moment(1)), queued(spring, 3, 20, 2, moment(2))];
  expect(() => fold(new Chunk(new Map()), ...twice)).toThrow(/queued already/);
});

describe.for(Object.entries(chunks))('a message %s', ([, begin]) => {
  const known = queued(spring, 0, 1, 3, moment(0));

  test('is sent after a retry, and has no error left', () => {
    const chunk = begin(
      known,
      outcome('MessageRetried', spring, 0, 1, moment(1), 1),
      outcome('MessageSent', spring, 0, 1, moment(2), 2),
    );
    expect(seen(chunk, 1)).toStrictEqual({ status: 'sent', attempts: 2, endedAt: moment(2), error: null });
    expect([...chunk.errors]).toStrictEqual([[1, null]]);
    expect(seen(chunk, 2)).toStrictEqual({ status: 'queued', attempts: 0, endedAt: null, error: null });
  });

  test('keeps its first end, whatever is said of it later', () => {
    const chunk = begin(
      known,
      outcome('MessageFailed', spring, 0, 1, moment(1), 1, 'number unknown'),
      outcome('MessageSent', spring, 0, 1, moment(2), 2),
      outcome('MessageRetried', spring, 0, 1, moment(3), 3, 'late'),
      ending('MessagesExpired', spring, 0, [1], moment(4)),
    );
    const end = { status: 'failed', attempts: 1, endedAt: moment(1), error: 'number unknown' };
    expect(seen(chunk, 1)).toStrictEqual(end);
    expect(sums(chunk)).toMatchObject({ retries: 0, failed: 1, sent: 0 });
  });

  test('of which the outcome is unknown says why', () => {
    const chunk = begin(known, outcome('MessageUnknown', spring, 0, 2, moment(1), 2, 'no answer'));
    const end = { status: 'unknown', attempts: 2, endedAt: moment(1), error: 'no answer' };
    expect(seen(chunk, 2)).toStrictEqual(end);
  });

  test('keeps its attempts and its last error when the end of the mailing ends it', () => {
    const chunk = begin(
      known,
      outcome('MessageRetried', spring, 0, 1, moment(1), 4, 'busy'),
      ending('MessagesCancelled', spring, 0, [1], moment(2)),
    );
    const end = { status: 'cancelled', attempts: 4, endedAt: moment(2), error: 'busy' };
    expect(seen(chunk, 1)).toStrictEqual(end);
  });

  test('is retried once for each attempt, with the last error, and not after its end', () => {
    const retry = (attempt: number, error: string): Step =>
      outcome('MessageRetried', spring, 0, 1, moment(attempt), attempt, error);
    const chunk = begin(known, retry(3, 'first'), retry(2, 'second'), retry(2, 'second'), retry(4, 'third'));
    const state = { status: 'queued', attempts: 4, endedAt: null, error: 'third' };
    expect(seen(chunk, 1)).toStrictEqual(state);
    fold(chunk, outcome('MessageSent', spring, 0, 1, moment(9), 4), retry(5, 'late'));
    expect(seen(chunk, 1)).toMatchObject({ status: 'sent', attempts: 4, error: null });
    expect(sums(chunk)).toMatchObject({ retries: 2 });
  });

  test('that could not be decided has that as its error, and no retry without a call', () => {
    const chunk = begin(known, outcome('MessageUndecided', spring, 0, 1, moment(1), 0, 'undecidable'));
    const state = { status: 'queued', attempts: 0, endedAt: null, error: 'undecidable' };
    expect(seen(chunk, 1)).toStrictEqual(state);
    expect(sums(chunk)).toMatchObject({ retries: 0 });
  });
});

const single = fc.record({
  type: fc.constantFrom(
    'MessageSent' as const,
    'MessageFailed' as const,
    'MessageRetried' as const,
    'MessageUndecided' as const,
    'MessageUnknown' as const,
  ),
  place: fc.nat(3),
  attempt: fc.nat(4),
  second: fc.nat(600),
});

test('outcomes in one record come to what they come to in records of their own', () => {
  fc.assert(
    fc.property(fc.array(single, { minLength: 1 }), (outcomes) => {
      const steps = outcomes.map(({ type, place, attempt, second }) =>
        outcome(type, spring, 0, 1 + place, moment(second), attempt, `error ${second}`),
      );
      const known = queued(spring, 0, 1, 4, moment(0));
      const alone = fold(new Chunk(new Map()), known, ...steps);
      const together = fold(new Chunk(new Map()), known, grouped(spring, 0, 1, steps));
      const all = (chunk: Chunk): unknown => [
        [1, 2, 3, 4].map((id) => seen(chunk, id)),
        sums(chunk),
        chunk.errors,
      ];
      expect(all(together)).toStrictEqual(all(alone));
    }),
  );
});

/** The rules again, one message at a time and without any batch. */
function expected(outcomes: readonly { type: string; attempt: number; second: number }[]): unknown {
  const statuses: Record<string, string> = {
    MessageSent: 'sent',
    MessageFailed: 'failed',
    MessageUnknown: 'unknown',
  };
  const end = outcomes.findIndex(({ type }) => type in statuses);
  const counting = end === -1 ? outcomes : outcomes.slice(0, end + 1);
  const last = counting.at(-1);
  const { type = '', second = 0 } = last ?? {};
  return {
    status: statuses[type] ?? 'queued',
    attempts: Math.max(0, ...counting.map(({ attempt }) => attempt)),
    endedAt: type in statuses ? moment(second) : null,
    error: last === undefined || type === 'MessageSent' ? null : `error ${second}`,
  };
}

test('each message is what its own outcomes say up to its end, whatever comes to others between them', () => {
  fc.assert(
    fc.property(fc.array(single), (outcomes) => {
      const steps = outcomes.map(({ type, place, attempt, second }) =>
        outcome(type, spring, 0, 1 + place, moment(second), attempt, `error ${second}`),
      );
      const chunk = fold(new Chunk(new Map()), queued(spring, 0, 1, 4, moment(0)), ...steps);
      for (const place of [0, 1, 2, 3]) {
        const own = outcomes.filter((one) => one.place === place);
        expect(seen(chunk, 1 + place)).toStrictEqual(expected(own));
      }
    }),
  );
});

test('of a mailing every state is kept, with where it stands', () => {
  const paused = aMailing('spring', { status: 'paused', version: 2 });
  const chunk = fold(
    new Chunk(new Map()),
    entity('MailingCreated', spring, moment(0)),
    entity('MailingPaused', paused, moment(1)),
  );
  expect(chunk.mailings).toStrictEqual([
    { type: 'MailingCreated', mailing: spring, sequence: 1, storedAt: moment(0).getTime() },
    { type: 'MailingPaused', mailing: paused, sequence: 2, storedAt: moment(1).getTime() },
  ]);
});
