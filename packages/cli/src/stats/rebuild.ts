import { type Command, Option } from 'commander';
import type { Execute } from '../context.ts';
import { runJob } from '../jobs/run-job.ts';

/** Every job of the statistics is told of here, whatever its kind. */
export const STATS_JOB = '/admin/stats/rebuild';

type RebuildOptions = { readonly lanes?: '1' | '16'; readonly wait: boolean };

/** Rebuilding and comparing; both fold the log anew, and end with 1 where differences were found. */
export function addRebuild(stats: Command, execute: Execute): void {
  stats
    .command('rebuild')
    .description(
      'make the statistics anew from the log; the old ones are served until they are the same or better',
    )
    .addOption(new Option('--lanes <lanes>', 'in how many lanes, by default as now').choices(['1', '16']))
    .option('--no-wait', 'only order it')
    .action(({ lanes, wait }: RebuildOptions, command: Command) => {
      const order = {
        path: STATS_JOB,
        progressPath: STATS_JOB,
        ...(lanes !== undefined && { query: { lanes } }),
      };
      return execute(command, (context) => runJob(context, order, wait));
    });
  stats
    .command('verify')
    .description('compare the statistics with the log, and change nothing')
    .option('--no-wait', 'only order it')
    .action(({ wait }: { readonly wait: boolean }, command: Command) =>
      execute(command, (context) =>
        runJob(context, { path: '/admin/stats/verify', progressPath: STATS_JOB }, wait),
      ),
    );
}
