import { Command, InvalidArgumentError } from 'commander';
import { readScale, type Scale } from '../local/scale.ts';

export type DemoOptions = {
  readonly clients: number;
  readonly scale: Scale;
  /** Whether the data folder stays. */
  readonly keep: boolean;
  /** Whether the services' own log lines are shown, not just their warnings. */
  readonly verbose: boolean;
};

const MOST_CLIENTS = 1_000_000;

/**
 * Reads the arguments; one that is wrong ends the process with code 1 and a message.
 * @throws {StartRefusedError} on a `--scale` that cannot be.
 */
export function readOptions(args: readonly string[]): DemoOptions {
  const collect = (value: string, before: string[]) => [...before, value];
  const options = new Command('npm run demo --')
    .description('Sends one mailing to many clients through the whole system, and counts at the provider.')
    .option('--clients <count>', `how many clients get it, 1 to ${MOST_CLIENTS}`, readClients, 10_000)
    .option('--scale <service=count>', 'how many processes of a service run; may be repeated', collect, [])
    .option('--keep', 'leaves the data folder', false)
    .option('--verbose', "shows the services' logs", false)
    .allowExcessArguments(false)
    .parse(args, { from: 'user' })
    .opts<{ clients: number; scale: string[]; keep: boolean; verbose: boolean }>();
  return { ...options, scale: readScale(options.scale) };
}

function readClients(value: string): number {
  const count = /^\d{1,7}$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > MOST_CLIENTS) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_CLIENTS}.`);
  }
  return count;
}
