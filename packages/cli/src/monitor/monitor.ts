import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context, Execute } from '../context.ts';
import { EXIT, InterruptedError, NotReachableError } from '../failures.ts';
import { drawReport } from './draw-report.ts';
import { openLiveScreen } from './live-screen.ts';
import { report } from './report.ts';

type Options = { readonly every: number; readonly once?: boolean };

const DEFAULT_EVERY_SECONDS = 2;
const HINT = 'q ends it';

/** `herald monitor`: a live screen in a terminal, one look elsewhere. */
export function addMonitor(program: Command, execute: Execute): void {
  program
    .command('monitor')
    .description('the state of all parts, live in a terminal')
    .option('--every <seconds>', 'how often it looks, 1 to 3600', readSeconds, DEFAULT_EVERY_SECONDS)
    .option('--once', 'look once, also in a terminal')
    .action((options: Options, command: Command) =>
      execute(command, (context) => {
        const { isJson, stdout } = context.output;
        return isJson || options.once === true || stdout.isTTY !== true
          ? lookOnce(context)
          : lookOnAndOn(context, options.every * 1_000);
      }),
    );
}

async function lookOnce({ api, output }: Context): Promise<number> {
  const seen = await api.get('/monitor', report);
  output.show(seen, () => drawReport(seen, output.paint).join('\n'));
  return EXIT.done;
}

/** Somebody has seen enough. */
class LeftError extends Error {
  override readonly name = 'LeftError';
}

async function lookOnAndOn(context: Context, everyMs: number): Promise<number> {
  const { api, output, signal } = context;
  // Where nobody is at the address that is said as always, and no page is opened.
  let lines = drawReport(await api.get('/monitor', report), output.paint);
  const screen = openLiveScreen(output.stdout, context.stdin, {
    onQuit: () => context.stop(new LeftError()),
    onInterrupt: () => context.stop(new InterruptedError('SIGINT', 128 + constants.signals.SIGINT)),
  });
  try {
    for (let trouble = ''; ; ) {
      screen.draw([...lines, ''], trouble === '' ? output.paint('dim', HINT) : output.paint('red', trouble));
      await sleep(everyMs, undefined, { signal });
      try {
        lines = drawReport(await api.get('/monitor', report), output.paint);
        trouble = '';
      } catch (error) {
        if (!(error instanceof NotReachableError)) throw error;
        trouble = error.message;
      }
    }
  } catch (error) {
    if (signal.reason instanceof LeftError) return EXIT.done;
    throw error;
  } finally {
    screen.close();
  }
}

function readSeconds(value: string): number {
  const seconds = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (seconds < 1 || seconds > 3_600) throw new InvalidArgumentError('It must be 1 to 3600 seconds.');
  return seconds;
}
