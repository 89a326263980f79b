import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Sabotage } from './surroundings.ts';

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 10_000);

test(`${SEEDS} seeds: nobody is lost, nobody is called twice without need, nobody after the end`, () => {
  const failed = [];
  for (let seed = 1; seed <= SEEDS && failed.length < 5; seed += 1) {
    const verdict = judge(seed);
    if (verdict.complaints.length > 0) failed.push({ seed, complaints: verdict.complaints.slice(0, 5) });
  }
  expect(failed).toEqual([]);
}, 120_000);

test.each(['claims', 'idempotence', 'fencing', 'deadline'] satisfies Sabotage[])(
  'misses the safeguard when it is switched off: %s',
  (sabotage) => {
    let complaints = 0;
    for (let seed = 1; seed <= 300; seed += 1) complaints += judge(seed, sabotage).complaints.length;
    expect(complaints).toBeGreaterThan(0);
  },
);
