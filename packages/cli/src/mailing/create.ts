import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { keyOption, readMoment } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT, WrongUseError } from '../failures.ts';
import { reasonOf } from '../reason.ts';
import { type AudienceOptions, audienceOptions, filterOf } from './audience.ts';
import { drawMailing, mailing } from './mailing.ts';
import { watchMailing } from './watch.ts';

type Options = AudienceOptions & {
  readonly text?: string;
  readonly textFile?: string;
  readonly name?: string;
  readonly start: string;
  readonly end: string;
  readonly window?: { readonly from: string; readonly to: string };
  readonly rateLimit?: number;
  readonly priority?: number;
  readonly key?: string;
  readonly watch?: boolean;
};

const readOptionMoment = (value: string): string => readMoment(value, new Date());

export function addCreateMailing(mailings: Command, execute: Execute): void {
  audienceOptions(
    mailings
      .command('create')
      .description('add a mailing; it starts by itself')
      .addOption(new Option('--text <text>', 'what is sent').conflicts('textFile'))
      .option('--text-file <file>', 'a file with what is sent')
      .requiredOption('--end <time>', 'nothing is sent after it: +2h, or an ISO 8601 time', readOptionMoment)
      .addOption(
        new Option('--start <time>', 'when it starts: now, +30m, or an ISO 8601 time')
          .default(readOptionMoment('now'), 'now')
          .argParser(readOptionMoment),
      ),
  )
    .option('--name <name>', 'how people call it')
    .option('--window <from-to>', "hours of each client's own day, such as 09:00-21:00", readWindow)
    .option('--rate-limit <calls>', 'calls a second, of all senders together', readNumber)
    .option('--priority <weight>', '1 to 9, by default 5', readNumber)
    .addOption(keyOption())
    .option('--watch', 'watch it until its last message has ended')
    .action((options: Options, command: Command) =>
      execute(command, (context) => createMailing(context, options)),
    );
}

async function createMailing(context: Context, options: Options): Promise<number> {
  const { name, start, end, window, rateLimit, priority, key, watch } = options;
  const filter = filterOf(options);
  const text = await readMailingText(options);
  const body = { name, text, startAt: start, endAt: end, filter, localWindow: window, rateLimit, priority };
  // The moments, too: `now` and `+2h` are others the next time, and another request under the same key is refused.
  const again = (used: string): string => `--key ${used} --start ${start} --end ${end}`;
  const made = await context.api.write({ method: 'POST', path: '/mailings', body, key, again }, mailing);
  context.output.show(made, () => drawMailing(made, context.output.paint));
  return watch === true ? watchMailing(context, made.id) : EXIT.done;
}

async function readMailingText({ text, textFile }: Options): Promise<string> {
  if (text !== undefined) return text;
  if (textFile === undefined) throw new WrongUseError('Say what is sent: --text TEXT or --text-file FILE.');
  try {
    // Editors end a file with a line break that nobody means to send.
    return (await readFile(textFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new WrongUseError(`${textFile} cannot be read: ${reasonOf(error)}.`);
  }
}

function readWindow(value: string): { from: string; to: string } {
  const [, from, to] = /^(\d\d:\d\d)[-–](\d\d:\d\d)$/.exec(value) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError('It must be two times of a day, such as 09:00-21:00.');
  }
  return { from, to };
}

function readNumber(value: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(value)) throw new InvalidArgumentError('It must be a number.');
  return Number(value);
}
