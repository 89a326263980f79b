import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { readConfiguration } from './configuration.ts';
import { forLog } from './description.ts';
import { readEnvironment } from './environment.ts';
import { createJsonOutput, createPrettyOutput, type Output } from './output.ts';
import { readScale } from './scale.ts';
import { StartRefusedError } from './start-refused.ts';
import { startSystem } from './system.ts';
import { renderWelcome } from './welcome.ts';

export type LauncherOptions = {
  readonly checkoutDirectory: string;
  /** Relative to the checkout; another one in tests. */
  readonly servicesDirectory: string;
  /** Without the program and its script. */
  readonly args: readonly string[];
};

/** Nobody who presses Ctrl-C waits longer than this, whatever hangs. */
const LAST_WORD_MS = 9_800;

/**
 * The whole life of `npm start`: brings the system up, keeps it up until a signal, and stops it in good order.
 * @returns the exit code: 0 after a signal, 1 when the system could not be started.
 */
export async function runLauncher(options: LauncherOptions): Promise<number> {
  const output = createOutput();
  const stopRequest = listenForStop(output);
  try {
    const system = await startSystem({ ...readOptions(options, output), output, signal: stopRequest });
    const description = system.describe();
    output.print(renderWelcome(description));
    output.say('ready', forLog(description));
    await new Promise<void>((resolve) => {
      if (stopRequest.aborted) resolve();
      stopRequest.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([system.stop(), sleep(LAST_WORD_MS)]);
  } catch (error) {
    if (!stopRequest.aborted) return tellFailure(error, output);
  }
  output.say('stopped');
  return 0;
}

function readOptions({ args, checkoutDirectory, servicesDirectory }: LauncherOptions, { warn }: Output) {
  const { variables, warnings } = readEnvironment(process.env, checkoutDirectory);
  for (const warning of warnings) warn(warning);
  // For what reads it where it is needed, such as HERALD_NATS_SERVER.
  Object.assign(process.env, variables);
  const collect = (value: string, before: string[]) => [...before, value];
  const command = new Command('npm start --')
    .description('Starts Herald with everything it needs. Ctrl-C stops it. Settings: see .env.example.')
    .option('--scale <service=count>', 'how many processes of a service run; may be repeated', collect, [])
    .parse(args, { from: 'user' });
  return {
    checkoutDirectory,
    servicesDirectory,
    configuration: readConfiguration(process.env, checkoutDirectory),
    scale: readScale(command.opts<{ scale: string[] }>().scale),
    environment: process.env,
  };
}

function createOutput(): Output {
  // A reader that has gone (`npm start | head`) is no reason to die.
  process.stdout.on('error', () => {});
  const write = (text: string) => void process.stdout.write(text);
  return process.stdout.isTTY
    ? createPrettyOutput(write, process.stdout.hasColors())
    : createJsonOutput(write);
}

/** Terminals, npm and supervisors may all pass on the same Ctrl-C: the first one counts. */
function listenForStop(output: Output): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return output.say(`${signal}: stopping already…`);
      output.say(`${signal}: stopping…`);
      controller.abort(new Error(signal));
    });
  }
  return controller.signal;
}

function tellFailure(error: unknown, output: Output): number {
  const expected = error instanceof StartRefusedError;
  const message =
    error instanceof Error ? ((expected ? error.message : error.stack) ?? error.message) : String(error);
  output.error(message);
  // Whoever sends standard output to a file still has to see why nothing runs.
  if (!process.stdout.isTTY) process.stderr.write(`${message}\n`);
  return 1;
}
