import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { judgeCalm } from './judge-calm.ts';
import type { Sabotage } from './surroundings.ts';

/** `pnpm test:simulation` runs 10,000. */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 2_000);
/** Thirty times what they take on a machine that has nothing else to do. */
const TIMEOUT_MS = 60_000 + SEEDS * 60;

/** The first seeds that are complained about, with what is said of them. */
function complaintsOf(seeds: number, look: (seed: number) => readonly string[]) {
  const failed = [];
  for (let seed = 1; seed <= seeds && failed.length < 5; seed += 1) {
    const complaints = look(seed);
    if (complaints.length > 0) failed.push({ seed, complaints: complaints.slice(0, 5) });
  }
  return failed;
}

test(
  `${SEEDS} seeds, a poisoned message in each: nobody is lost, nobody is called twice without need or after the end, and no neighbour suffers`,
  () => {
    expect(complaintsOf(SEEDS, (seed) => judge(seed).complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test('where nothing but the poison strikes its neighbours are sent once each, and it ends as it must', () => {
  expect(complaintsOf(SEEDS / 10, (seed) => judgeCalm(seed))).toEqual([]);
}, 60_000);

test.each([
  'claims',
  'idempotence',
  'fencing',
  'deadline',
  'isolation',
  'gathering',
  'slots',
] satisfies Sabotage[])(
  'misses the safeguard when it is switched off: %s',
  (sabotage) => {
    let complaints = 0;
    for (let seed = 1; seed <= 300; seed += 1) complaints += judge(seed, sabotage).complaints.length;
    expect(complaints).toBeGreaterThan(0);
  },
  60_000,
);

test('misses the isolation also where nothing else strikes', () => {
  let missed = 0;
  for (let seed = 1; seed <= 100; seed += 1) if (judgeCalm(seed, 'isolation').length > 0) missed += 1;
  expect(missed).toBeGreaterThan(50);
}, 60_000);
