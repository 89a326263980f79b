import { Command } from 'commander';
import { addClients } from './clients/commands.ts';
import { addCompletion } from './completion/completion.ts';
import type { Execute } from './context.ts';
import { addDirectory } from './jobs/directory.ts';
import { addLog } from './log/tail.ts';
import { addMailing } from './mailing/commands.ts';
import { addMessages } from './messages/show.ts';
import { addMonitor } from './monitor/monitor.ts';
import { addParked } from './parked/parked.ts';
import { addStats } from './stats/commands.ts';
import { addWhy } from './why.ts';

type Writers = { writeOut(text: string): void; writeErr(text: string): void };

const AFTER_HELP = `
Exit codes: 0 done, 1 refused or differences found, 2 wrong use, 3 not reachable.`;

/** Every command there is, in the order of the help. What is wrong in their use is thrown as a CommanderError. */
export function buildProgram(execute: Execute, { writeOut, writeErr }: Writers): Command {
  const program = new Command('herald')
    .description('Clients, mailings and statistics of Herald, over its REST API.')
    .option('--url <url>', 'where Herald is; by default HERALD_URL, else http://127.0.0.1:8000')
    .option('--json', 'print one JSON document a line, the last one is the result')
    .addHelpText('after', AFTER_HELP)
    // Before the commands are added: they take it over.
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .allowExcessArguments(false)
    .showSuggestionAfterError();
  for (const add of [
    addClients,
    addMailing,
    addMessages,
    addStats,
    addWhy,
    addLog,
    addDirectory,
    addParked,
    addMonitor,
    addCompletion,
  ]) {
    add(program, execute);
  }
  return program;
}
