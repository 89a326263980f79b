import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BenchReport, benchReport } from '../load/bench/report/figure.ts';

const SCRIPT = join(import.meta.dirname, '..', 'load', 'bench', 'main.ts');
/** So small that nothing can be learned of the speed: what is tested is that all of it works and comes out right. */
const TINY = {
  '--rounds': 1,
  '--messages': 300,
  '--fanout': 500,
  '--clients': 500,
  '--requests': 20,
  '--moments': 2,
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'herald-bench-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function runBench(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ code: number; said: string; file: string }> {
  const file = join(directory, 'report.json');
  const child = spawn(process.execPath, [SCRIPT, '--json', file, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, said: `${said}${errors}`, file };
}

/** Half a minute where nothing else runs. */
const AT_MOST_MS = 400_000;

it(
  'measures the core of all scenarios, loses nothing, and tells it as a table and as JSON',
  async () => {
    const sizes = Object.entries(TINY).flatMap(([name, value]) => [name, String(value)]);
    const { code, said, file } = await runBench({}, '--quick', ...sizes);
    expect({ code, said }).toMatchObject({ code: 0 });
    const report: BenchReport = benchReport.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(report.problems).toEqual([]);
    const named = new Map(report.figures.map((figure) => [figure.name, figure]));
    for (const name of [
      'loop',
      'delivery',
      'peer',
      'hono ×64',
      'POST idle ×64',
      'GET mailing ×1',
      'start late',
      'import shown',
      'fan-out',
      'replay outcomes',
    ]) {
      expect([...named.keys()]).toContain(name);
      expect(said).toContain(name);
    }
    const delivery = named.get('delivery');
    expect(delivery?.rounds).toHaveLength(1);
    expect(delivery?.median).toBeGreaterThan(0);
    expect(delivery?.ratio?.reference).toBe('loop');
    const processes = ['gateway', 'mailing', 'nats-server', 'postgres', 'scheduler', 'sender', 'stats'];
    expect(Object.keys(delivery?.cpu?.byProcess ?? {}).sort()).toEqual(processes);
  },
  AT_MOST_MS,
);

it(
  'measures on a log that is long already: a replay of the old form, and a mailing beside open ones',
  async () => {
    const sizes = { ...TINY, '--grown-events': 2_000, '--grown-open': 3 };
    const args = Object.entries(sizes).flatMap(([name, value]) => [name, String(value)]);
    const { code, said, file } = await runBench({}, 'replay-old', 'grown', ...args);
    expect({ code, said }).toMatchObject({ code: 0 });
    const { figures, problems } = benchReport.parse(JSON.parse(await readFile(file, 'utf8')));
    expect(problems).toEqual([]);
    const named = new Map(figures.map((figure) => [figure.name, figure]));
    expect([...named.keys()]).toEqual([
      'rows (replay-old)',
      'replay-old events',
      'replay-old outcomes',
      'start, empty log',
      'delivery, empty log',
      'start, grown log',
      'delivery, grown log',
    ]);
    // Whole batches of 250 messages, each an event of its own.
    expect(named.get('replay-old outcomes')?.details.outcomes).toBe(500);
    const onGrownLog = named.get('delivery, grown log');
    expect(onGrownLog?.ratio?.reference).toBe('delivery, empty log');
    expect(onGrownLog?.details.open).toBe(3);
    expect(onGrownLog?.details.events).toBeGreaterThanOrEqual(2_000);
  },
  AT_MOST_MS,
);

it('ends with an error, and tells it in the report, when a scenario fails', {
  timeout: AT_MOST_MS,
}, async () => {
  const { code, said, file } = await runBench(
    { HERALD_NATS_SERVER: '/nowhere/nats-server' },
    'loop',
    '--quick',
  );
  expect({ code, said }).toMatchObject({ code: 1 });
  const { problems, figures } = benchReport.parse(JSON.parse(await readFile(file, 'utf8')));
  expect(problems).toEqual([{ scenario: 'loop', message: expect.stringContaining('/nowhere/nats-server') }]);
  expect(figures).toEqual([]);
});

it('refuses a scenario that there is not', async () => {
  const { code, said } = await runBench({}, 'deliverance');
  expect(code).toBe(1);
  expect(said).toContain('It must be one of');
});
