import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateRecord } from './rate-record.ts';
import { CARRY_MS, CHUNK_MS, HORIZON_MS, reserve } from './reserve.ts';

/** A world with one record and several senders, each of which reads time off a clock of its own. */
class World {
  readonly begun: number[] = [];
  readonly #rate: number;
  #record: RateRecord | null = null;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** @returns when its last reserved call is due, or when it may ask again, in true time */
  ask(sender: { id: string; skew: number }, now: number, wanted: number, lateness = 0): number {
    const ask = { senderId: sender.id, now: now + sender.skew, callsPerSecond: this.#rate, wanted };
    const reservation = reserve(this.#record, ask);
    this.#record = reservation.record ?? this.#record;
    if (reservation.kind === 'later') return reservation.at - sender.skew;
    const due = reservation.due.map((moment) => Math.max(now, moment - sender.skew));
    this.begun.push(...due.map((moment) => moment + lateness));
    return due.at(-1) ?? now;
  }
}

function mostIn(moments: readonly number[], windowMs: number): number {
  const sorted = [...moments].sort((one, other) => one - other);
  let most = 0;
  let from = 0;
  for (const [index, moment] of sorted.entries()) {
    while ((sorted[from] ?? moment) <= moment - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

const GRACE_MS = 40;
const SKEW_MS = 5;
const someRate = fc.oneof(fc.constantFrom(0.1, 0.5, 1, 3), fc.integer({ min: 5, max: 3_000 }));
const someAsks = fc.array(
  fc.record({
    sender: fc.integer({ min: 0, max: 4 }),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3_000 })),
    wanted: fc.integer({ min: 1, max: 500 }),
    lateness: fc.integer({ min: 0, max: GRACE_MS }),
  }),
  { minLength: 10, maxLength: 400 },
);
const skewsOf = (bound: number) =>
  fc.array(fc.integer({ min: -bound, max: bound }), { minLength: 5, maxLength: 5 });

function play(
  rate: number,
  asks: typeof someAsks extends fc.Arbitrary<infer Asks> ? Asks : never,
  skews: number[],
) {
  const world = new World(rate);
  let now = 1_000_000;
  for (const { sender, afterMs, wanted, lateness } of asks) {
    now += afterMs;
    world.ask({ id: String(sender), skew: skews[sender] ?? 0 }, now, wanted, lateness);
  }
  return world.begun;
}

test('however senders with slightly wrong clocks interleave, and whoever is late, no second has too many', () => {
  fc.assert(
    fc.property(someRate, someAsks, skewsOf(SKEW_MS), (rate, asks, skews) => {
      const begun = play(rate, asks, skews);
      for (const windowMs of [100, 1_000, 2_000, 10_000]) {
        // The calls of the window, those that are late or of another clock, and one at each edge.
        const allowed = (rate * (windowMs + GRACE_MS + 2 * SKEW_MS + CARRY_MS)) / 1_000 + 2;
        expect(mostIn(begun, windowMs)).toBeLessThanOrEqual(allowed);
      }
    }),
    { numRuns: 300 },
  );
});

test('clocks that are wrong by minutes cost a horizon once for each, and never raise the rate', () => {
  fc.assert(
    fc.property(someRate, someAsks, skewsOf(300_000), (rate, asks, skews) => {
      const begun = play(rate, asks, skews);
      const overlap = (skews.length * (HORIZON_MS + GRACE_MS + CARRY_MS)) / 1_000;
      for (const windowMs of [1_000, 10_000]) {
        const allowed = rate * (windowMs / 1_000 + overlap) + skews.length + 2;
        expect(mostIn(begun, windowMs)).toBeLessThanOrEqual(allowed);
      }
    }),
    { numRuns: 200 },
  );
});

/** Senders that always have messages: each asks a little before its calls run out, or when it was told to. */
function keepAsking(rate: number, senders: number, durationMs: number, deadFrom = Number.POSITIVE_INFINITY) {
  const world = new World(rate);
  const counts = new Array<number>(senders).fill(0);
  const next = counts.map((_, index) => index * 7);
  for (let now = 0; now < durationMs; now += 1) {
    for (const id of counts.keys()) {
      if ((next[id] ?? 0) > now || (id > 0 && now >= deadFrom)) continue;
      const before = world.begun.length;
      const answer = world.ask({ id: String(id), skew: 0 }, now, 1_000);
      const got = world.begun.length - before;
      counts[id] = (counts[id] ?? 0) + got;
      next[id] = got > 0 ? Math.max(now + 1, answer - 50) : answer;
    }
  }
  return { counts, begun: world.begun };
}

test.each([
  [1, 1],
  [1, 200],
  [3, 2],
  [3, 200],
  [3, 2_000],
  [10, 100],
])('%i senders that always want get all of %i a second, each the same', (senders, rate) => {
  const seconds = 60;
  const { counts, begun } = keepAsking(rate, senders, seconds * 1_000);
  expect(begun.length).toBeGreaterThanOrEqual(Math.floor(rate * seconds * 0.98));
  expect(begun.length).toBeLessThanOrEqual(rate * (seconds + (HORIZON_MS + CARRY_MS) / 1_000) + 1);
  const each = begun.length / senders;
  for (const count of counts) expect(Math.abs(count - each)).toBeLessThanOrEqual(Math.max(2, each * 0.1));
});

test('what was reserved by senders that died is all that is lost', () => {
  const { begun } = keepAsking(200, 3, 10_000, 5_000);
  const after = begun.filter((moment) => moment >= 5_000 + HORIZON_MS && moment < 10_000);
  expect(after.length / (5 - HORIZON_MS / 1_000)).toBeGreaterThanOrEqual(195);
});

test('a sender alone reserves a tenth of a second, one of two half of that, and no more than it can use', () => {
  const alone = reserve(null, { senderId: 'a', now: 1_000, callsPerSecond: 100, wanted: 1_000 });
  if (alone.kind !== 'reserved') throw new Error('nothing reserved');
  expect(alone.due.length).toBe(CHUNK_MS / 10);
  const two = reserve(alone.record, { senderId: 'b', now: 1_060, callsPerSecond: 100, wanted: 1_000 });
  expect(two).toMatchObject({ kind: 'reserved', due: { length: 5 } });
  const few = reserve(alone.record, { senderId: 'b', now: 1_060, callsPerSecond: 100, wanted: 2 });
  expect(few).toMatchObject({ kind: 'reserved', due: [1_080, 1_090] });
});

test('a limit that is raised holds at once, though the next call of the old one is far away', () => {
  const slow = reserve(null, { senderId: 'a', now: 1_000, callsPerSecond: 0.01, wanted: 1 });
  if (slow.kind !== 'reserved') throw new Error('nothing reserved');
  expect(reserve(slow.record, { senderId: 'a', now: 1_100, callsPerSecond: 0.01, wanted: 1 }).kind).toBe(
    'later',
  );
  expect(reserve(slow.record, { senderId: 'a', now: 1_100, callsPerSecond: 100, wanted: 1 }).kind).toBe(
    'reserved',
  );
});

test('says what nobody reserved in time, to a sender that has wanted it', () => {
  const ask = { senderId: 'a', callsPerSecond: 100, wanted: 10 };
  const first = reserve(null, { ...ask, now: 1_000 });
  if (first.kind !== 'reserved') throw new Error('nothing reserved');
  expect(first.missed).toBe(0);
  const { lastDue } = first.record;
  expect(reserve(first.record, { ...ask, now: lastDue })).toMatchObject({ missed: 0 });
  const late = reserve(first.record, { ...ask, now: lastDue + 130 });
  expect(late).toMatchObject({ missed: 10 });
  expect(reserve(first.record, { ...ask, now: lastDue + 5_000 })).toMatchObject({ missed: 0 });
});

test('who comes away empty is known to the others from then on, and writes it once', () => {
  const first = reserve(null, { senderId: 'a', now: 1_000, callsPerSecond: 1, wanted: 1 });
  if (first.kind !== 'reserved') throw new Error('nothing reserved');
  const waits = reserve(first.record, { senderId: 'b', now: 1_010, callsPerSecond: 1, wanted: 1 });
  expect(waits).toMatchObject({
    kind: 'later',
    record: { senders: { a: {}, b: { seen: 1_010, served: 0 } } },
  });
  if (waits.kind !== 'later' || waits.record === null) throw new Error('not written');
  const still = reserve(waits.record, { senderId: 'b', now: 1_020, callsPerSecond: 1, wanted: 1 });
  expect(still).toMatchObject({ kind: 'later', record: null });
  // The one that was served last lets the other come first.
  const servedLast = reserve(waits.record, { senderId: 'a', now: 1_020, callsPerSecond: 1, wanted: 1 });
  if (servedLast.kind !== 'later' || still.kind !== 'later') throw new Error('served');
  expect(servedLast.at).toBeGreaterThan(still.at);
});
