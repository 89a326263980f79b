import { writeFile } from 'node:fs/promises';
import { formatSeconds } from '../../../infra/demo/result-table.ts';
import { InterruptedError, listenForStop } from '../../../infra/demo/stop-signal.ts';
import type { Bench, Scenario } from './bench.ts';
import { type BenchOptions, readOptions } from './options.ts';
import type { BenchReport, Figure, Problem } from './report/figure.ts';
import { describeMachine } from './report/machine.ts';
import type { StatusLine } from './report/status-line.ts';
import { summarize } from './report/summarize.ts';
import { renderFigures, renderProcesses } from './report/table.ts';
import { SCENARIO_NAMES, SCENARIOS } from './scenarios/all.ts';
import { Systems } from './system/systems.ts';

/**
 * The whole life of `npm run bench`.
 * @returns the exit code: 0 when everything that was measured came out right, 1 when not, 128 and the signal's number
 *   when it was interrupted
 */
export async function runBench(args: readonly string[], status: StatusLine): Promise<number> {
  const options = readOptions(args, SCENARIO_NAMES);
  const signal = listenForStop(status.say);
  const startedAt = new Date();
  const figures: Figure[] = [];
  const problems: Problem[] = [];
  const systems = new Systems(status.say);
  const bench: Bench = { sizes: options, systems, signal, say: status.say, progress: status.show };
  try {
    for (const { scenario, wanted } of choose(options)) {
      const name = [...wanted].join(', ');
      status.begin(name, scenario.about);
      const begin = performance.now();
      try {
        const { collected, references } = await scenario.run(bench, wanted);
        figures.push(...summarize(name, collected, references));
        status.say(`done in ${formatSeconds(performance.now() - begin)}`);
      } catch (error) {
        if (signal.aborted) throw error;
        problems.push({ scenario: name, message: describe(error) });
        status.say(`FAILED: ${describe(error)}`);
        // What is left of a failed scenario must not disturb the next one.
        await systems.stopAll();
      }
    }
  } catch (error) {
    if (signal.reason instanceof InterruptedError) return signal.reason.exitCode;
    throw error;
  } finally {
    await systems.stopAll();
  }
  const report = makeReport(options, startedAt, figures, problems);
  tell(report, status);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return problems.length === 0 ? 0 : 1;
}

function choose({ scenarios, quick }: BenchOptions): readonly { scenario: Scenario; wanted: Set<string> }[] {
  return SCENARIOS.flatMap((scenario) => {
    const isDefault = scenarios.length === 0 && (scenario.isQuick || !quick);
    const wanted = new Set(scenario.names.filter((name) => isDefault || scenarios.includes(name)));
    return wanted.size === 0 ? [] : [{ scenario, wanted }];
  });
}

function makeReport(
  { json: _file, ...options }: BenchOptions,
  startedAt: Date,
  figures: Figure[],
  problems: Problem[],
): BenchReport {
  return {
    startedAt: startedAt.toISOString(),
    tookSeconds: (Date.now() - startedAt.getTime()) / 1_000,
    options: { ...options, scenarios: [...options.scenarios] },
    machine: describeMachine(),
    figures,
    problems,
  };
}

function tell({ figures, problems, tookSeconds }: BenchReport, { say }: StatusLine): void {
  if (figures.length > 0) say(`\n${renderFigures(figures)}\n\n${renderProcesses(figures)}\n`);
  for (const { scenario, message } of problems) say(`${scenario} FAILED: ${message}`);
  say(
    `Took ${Math.round(tookSeconds)} s.${problems.length === 0 ? ' Nothing was lost, nothing came twice.' : ''}`,
  );
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
