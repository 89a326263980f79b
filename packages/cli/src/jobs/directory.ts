import type { Command } from 'commander';
import type { Execute } from '../context.ts';
import { runJob } from './run-job.ts';

const ORDER = { path: '/admin/directory/rebuild', progressPath: '/admin/directory/rebuild' };

/** `herald directory …` */
export function addDirectory(program: Command, execute: Execute): void {
  program
    .command('directory')
    .description('the directory of clients and the plans, as tables')
    .command('rebuild')
    .description('make them anew from the log')
    .option('--no-wait', 'only order it')
    .action((options: { readonly wait: boolean }, command: Command) =>
      execute(command, (context) => runJob(context, ORDER, options.wait)),
    );
}
