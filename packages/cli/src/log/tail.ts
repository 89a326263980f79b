import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ClientReference, readClientReference, readId, readLimit } from '../arguments.ts';
import { resolveClient } from '../clients/client.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT, InterruptedError, WrongUseError } from '../failures.ts';
import { drawEventLine, type LogEvent } from './event.ts';
import { readNewEvents, type Tail } from './read-events.ts';

type Options = {
  readonly mailing?: string;
  readonly client?: ClientReference;
  readonly follow?: boolean;
  readonly lines: number;
};

const ASK_EVERY_MS = 1_000;

/** `herald log tail` */
export function addLog(program: Command, execute: Execute): void {
  program
    .command('log')
    .description('what stands in the log')
    .command('tail')
    .description('show the last events of clients and mailings, or those of one')
    .option('--mailing <id>', 'of this mailing', readId)
    .option('--client <client>', 'of this client, by its id or its phone', readClientReference)
    .option('-f, --follow', 'go on as events come, until Ctrl-C')
    .option('-n, --lines <count>', 'how many to begin with, 1 to 1000', readLimit, 100)
    .action((options: Options, command: Command) => execute(command, (context) => tailLog(context, options)));
}

async function tailLog(context: Context, options: Options): Promise<number> {
  const isWhole = options.mailing === undefined && options.client === undefined;
  const tail: Tail = { path: await pathOf(context, options), isWhole, cursor: undefined, position: 0 };
  const { output, signal } = context;
  let shown = 0;
  const show = async (events: readonly LogEvent[]): Promise<void> => {
    for (const event of events) output.show(event, () => drawEventLine(event, output.paint));
    shown += events.length;
    await output.flush();
  };
  const conclude = (): void => {
    if (output.isJson) output.show({ events: shown, position: tail.position }, () => '');
  };
  try {
    await show(await readNewEvents(context, tail, options.lines));
    while (options.follow === true) {
      await sleep(ASK_EVERY_MS, undefined, { signal });
      await show(await readNewEvents(context, tail));
    }
  } catch (error) {
    // Ctrl-C is how following ends.
    if (options.follow !== true || !(signal.reason instanceof InterruptedError)) throw error;
    conclude();
    return signal.reason.exitCode;
  }
  conclude();
  return EXIT.done;
}

/** @throws {WrongUseError} when two are named */
async function pathOf({ api }: Context, { mailing, client }: Options): Promise<string> {
  if (mailing !== undefined && client !== undefined) {
    throw new WrongUseError('--mailing excludes --client: name one of them, or neither.');
  }
  if (mailing !== undefined) return `/mailings/${mailing}/events`;
  return client === undefined ? '/log' : `/clients/${await resolveClient(api, client)}/events`;
}
