import { Command, InvalidArgumentError } from 'commander';
import type { Sizes } from './bench.ts';

export type BenchOptions = Sizes & {
  /** Empty: all, or with `quick` the core. */
  readonly scenarios: readonly string[];
  readonly quick: boolean;
  readonly json: string | undefined;
};

const FULL: Sizes = {
  rounds: 3,
  messages: 100_000,
  fanout: 1_000_000,
  clients: 1_000_000,
  requests: 5_000,
  moments: 20,
  boundMessages: 30_000,
  logEvents: 100_000,
  grownEvents: 20_000_000,
  grownOpen: 200,
};
/** Aims at 90 s in all on a quiet machine of 2 cores. */
const QUICK: Sizes = {
  rounds: 3,
  messages: 3_000,
  fanout: 6_000,
  clients: 6_000,
  requests: 150,
  moments: 4,
  boundMessages: 2_000,
  logEvents: 5_000,
  grownEvents: 50_000,
  grownOpen: 20,
};

type Given = Partial<Sizes> & { quick: boolean; json?: string };

/** Reads the arguments; one that is wrong ends the process with code 1 and a message. */
export function readOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Measures Herald beside references of the same run. Slowness is no error; loss is.')
    .argument('[scenario...]', `some of ${names.join(', ')}; all unless given`, readName(names), [])
    .option('--quick', 'smaller sizes and the core of the scenarios', false)
    .option('--json <file>', 'writes all figures as JSON, too')
    .option('--rounds <count>', 'how often everything is measured', readCount)
    .option('--messages <count>', 'of a delivery', readCount)
    .option('--fanout <count>', 'messages of a fan-out', readCount)
    .option('--clients <count>', 'of an import', readCount)
    .option('--requests <count>', 'to the REST API, 64 at once', readCount)
    .option('--moments <count>', 'starts and pauses that are watched', readCount)
    .option('--bound-messages <count>', 'of a delivery that the provider bounds', readCount)
    .option('--log-events <count>', 'on the log of a restart', readCount)
    .option('--grown-events <count>', 'on a log that is long before a mailing', readCount)
    .option('--grown-open <count>', 'mailings that are open meanwhile', readCount)
    .parse(args, { from: 'user' });
  const { quick, json, ...sizes } = command.opts<Given>();
  return { ...(quick ? QUICK : FULL), ...sizes, quick, json, scenarios: command.processedArgs[0] ?? [] };
}

const readName =
  (names: readonly string[]) =>
  (name: string, before: string[]): string[] => {
    if (!names.includes(name)) throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.`);
    return [...before, name];
  };

function readCount(value: string): number {
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (count < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return count;
}
