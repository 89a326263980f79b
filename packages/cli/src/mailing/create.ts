import { type Command, Option } from 'commander';
import { keyOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT, WrongUseError } from '../failures.ts';
import {
  type LocalWindow,
  priorityOption,
  rateLimitOption,
  readMailingText,
  readOptionMoment,
  type TextOptions,
  textOptions,
  windowOption,
} from './attributes.ts';
import { type AudienceOptions, audienceOptions, filterOf } from './audience.ts';
import { drawMailing, mailing } from './mailing.ts';
import { watchMailing } from './watch.ts';

type Options = AudienceOptions &
  TextOptions & {
    readonly name?: string;
    readonly start: string;
    readonly end: string;
    readonly window?: LocalWindow;
    readonly rateLimit?: number;
    readonly priority?: number;
    readonly key?: string;
    readonly watch?: boolean;
  };

export function addCreateMailing(mailings: Command, execute: Execute): void {
  const create = mailings.command('create').description('add a mailing; it starts by itself');
  audienceOptions(
    textOptions(create)
      .requiredOption('--end <time>', 'nothing is sent after it: +2h, or an ISO 8601 time', readOptionMoment)
      .addOption(
        new Option('--start <time>', 'when it starts: now, +30m, or an ISO 8601 time')
          .default(readOptionMoment('now'), 'now')
          .argParser(readOptionMoment),
      ),
  )
    .option('--name <name>', 'how people call it')
    .addOption(windowOption())
    .addOption(rateLimitOption())
    .addOption(priorityOption())
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
  if (text === undefined) throw new WrongUseError('Say what is sent: --text TEXT or --text-file FILE.');
  const body = { name, text, startAt: start, endAt: end, filter, localWindow: window, rateLimit, priority };
  // The moments, too: `now` and `+2h` are others the next time, and another request under the same key is refused.
  const again = (used: string): string => `--key ${used} --start ${start} --end ${end}`;
  const made = await context.api.write({ method: 'POST', path: '/mailings', body, key, again }, mailing);
  context.output.show(made, () => drawMailing(made, context.output.paint));
  return watch === true ? watchMailing(context, made.id) : EXIT.done;
}
