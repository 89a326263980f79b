import { afterEach, expect, test, vi } from 'vitest';
import { judge, run } from './judge.ts';
import { judgeCalm } from './judge-calm.ts';
import type { Sabotage } from './surroundings.ts';

/** `pnpm test:simulation` runs 10,000. */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 2_000);
/** Thirty times what they take on a machine that has nothing else to do. */
const TIMEOUT_MS = 60_000 + SEEDS * 300;

/** The rarest sabotage is found in one of forty seeds. */
const SABOTAGED_SEEDS = 300;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The first seeds that are complained about, with what is said of them. */
async function complaintsOf(seeds: number, look: (seed: number) => Promise<readonly string[]>) {
  const failed = [];
  for (let seed = 1; seed <= seeds && failed.length < 5; seed += 1) {
    const complaints = await look(seed);
    if (complaints.length > 0) failed.push({ seed, complaints: complaints.slice(0, 5) });
  }
  return failed;
}

test(
  `${SEEDS} seeds, a poisoned message in each: nobody is lost, nobody is called twice without need or after the end, and no neighbour suffers`,
  async () => {
    expect(await complaintsOf(SEEDS, async (seed) => (await judge(seed)).complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'where nothing but the poison strikes its neighbours are sent once each, and it ends as it must',
  async () => {
    expect(await complaintsOf(SEEDS / 10, (seed) => judgeCalm(seed))).toEqual([]);
  },
  TIMEOUT_MS,
);

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
  async (sabotage) => {
    let complaints: readonly string[] = [];
    for (let seed = 1; seed <= SABOTAGED_SEEDS && complaints.length === 0; seed += 1) {
      ({ complaints } = await judge(seed, sabotage));
    }
    expect(complaints).not.toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'misses the isolation also where nothing else strikes',
  async () => {
    let missed = 0;
    for (let seed = 1; seed <= 100; seed += 1)
      if ((await judgeCalm(seed, 'isolation')).length > 0) missed += 1;
    expect(missed).toBeGreaterThan(50);
  },
  TIMEOUT_MS,
);

/** What the provider and the log saw. */
async function courseOf(seed: number): Promise<string> {
  const { provider, broker } = await run(seed);
  return JSON.stringify([provider.calls, [...broker.log]]);
}

/** What the sender's own code looks at in the machine from now on. */
function watchMachine(): readonly string[] {
  const looks: string[] = [];
  const watched =
    <Arguments extends unknown[], Result>(name: string, act: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      // What the test runner does meanwhile is its own affair.
      if (new Error().stack?.includes('/sender/src/')) looks.push(name);
      return act(...args);
    };
  const real = { random: Math.random, wall: Date.now, steady: performance.now.bind(performance) };
  vi.spyOn(Math, 'random').mockImplementation(watched('Math.random', real.random));
  vi.spyOn(Date, 'now').mockImplementation(watched('Date.now', real.wall));
  vi.spyOn(performance, 'now').mockImplementation(watched('performance.now', real.steady));
  vi.stubGlobal('setTimeout', watched('setTimeout', setTimeout));
  vi.stubGlobal('setInterval', watched('setInterval', setInterval));
  return looks;
}

test('the same seed has the same course, and looks at no clock, timer or chance of the machine', async () => {
  const looks = watchMachine();
  const [one, other] = [await courseOf(3), await courseOf(3)];
  expect(looks).toEqual([]);
  expect(other).toEqual(one);
});
