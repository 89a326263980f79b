import { type Command, Option } from 'commander';
import { ifVersionOption } from '../arguments.ts';
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
import { mailingArgument } from './id-argument.ts';
import { drawMailing, mailing } from './mailing.ts';

type Options = AudienceOptions &
  TextOptions & {
    /** `false`: it is taken away. */
    readonly name?: string | false;
    readonly start?: string;
    readonly end?: string;
    readonly window?: LocalWindow | false;
    readonly rateLimit?: number | false;
    readonly priority?: number;
    readonly ifVersion?: number;
  };

export function addChangeMailing(mailings: Command, execute: Execute): void {
  const change = mailings
    .command('change')
    .description('change a mailing; what is not named stays, and what was sent stays sent')
    .addArgument(mailingArgument());
  audienceOptions(
    textOptions(change)
      .addOption(new Option('--end <time>', 'nothing is sent after it').argParser(readOptionMoment))
      .addOption(new Option('--start <time>', 'before it has started').argParser(readOptionMoment)),
  )
    .option('--name <name>', 'how people call it')
    .option('--no-name', 'take the name away')
    .addOption(windowOption())
    .option('--no-window', 'send at any hour')
    .addOption(rateLimitOption())
    .option('--no-rate-limit', 'as fast as it goes')
    .addOption(priorityOption())
    .addOption(ifVersionOption())
    .action((id: string, options: Options, command: Command) =>
      execute(command, (context) => changeMailing(context, id, options)),
    );
}

async function changeMailing({ api, output }: Context, id: string, options: Options): Promise<number> {
  const { name, start, end, window, rateLimit, priority, ifVersion } = options;
  const body = {
    text: await readMailingText(options),
    name: orNull(name),
    startAt: start,
    endAt: end,
    filter: namesAudience(options) ? filterOf(options) : undefined,
    localWindow: orNull(window),
    rateLimit: orNull(rateLimit),
    priority,
  };
  if (Object.values(body).every((value) => value === undefined)) {
    throw new WrongUseError(
      'Say what is to change, such as --end +1h; herald mailing change --help names all.',
    );
  }
  const changed = await api.write({ method: 'PATCH', path: `/mailings/${id}`, body, ifVersion }, mailing);
  output.show(changed, () => drawMailing(changed, output.paint));
  return EXIT.done;
}

/** In a merge patch `null` takes away. */
const orNull = <Value>(value: Value | false): Value | null => (value === false ? null : value);

const namesAudience = ({ everyone, operatorCode, tag }: AudienceOptions): boolean =>
  everyone !== undefined || operatorCode !== undefined || tag !== undefined;
