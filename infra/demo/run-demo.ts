import { StartRefusedError } from '../local/start-refused.ts';
import { StalledError } from './follow-mailing.ts';
import { readOptions } from './options.ts';
import { UnexpectedAnswerError } from './rest-api.ts';
import { type DemoResult, formatCount, renderResult } from './result-table.ts';
import { openScreen } from './screen.ts';
import { sendToEveryone } from './send-to-everyone.ts';
import { InterruptedError, listenForStop } from './stop-signal.ts';
import { createSystemOutput } from './system-output.ts';
import { findDisagreements } from './verdict.ts';
import { withSystem } from './with-system.ts';

/**
 * The whole life of `npm run demo`.
 * @returns the exit code: 0 when every client got exactly one message by everybody's count, 1 when not, 128 and the
 *   signal's number when it was interrupted.
 */
export async function runDemo(checkoutDirectory: string, args: readonly string[]): Promise<number> {
  const screen = openScreen(process.stdout);
  const { say } = screen;
  const signal = listenForStop(say);
  try {
    const { clients, scale, keep, verbose } = readOptions(args);
    say(`Bringing up a system of its own for ${formatCount(clients)} clients…`);
    const output = createSystemOutput(say, verbose);
    const result = await withSystem(
      { checkoutDirectory, scale, keep, output, signal, say },
      async (system) => {
        const counted = await sendToEveryone(system, clients, screen, signal);
        say(`\n${renderResult(counted)}\n`);
        return counted;
      },
    );
    return tellVerdict(result, say);
  } catch (error) {
    if (signal.reason instanceof InterruptedError) {
      say('Stopped before the end.');
      return signal.reason.exitCode;
    }
    say(describeFailure(error));
    return 1;
  }
}

function tellVerdict({ clients, stats, provider }: DemoResult, say: (line: string) => void): number {
  const disagreements = findDisagreements(clients, stats, provider);
  if (disagreements.length === 0) {
    say(`All agree: ${formatCount(clients)} clients, each was sent exactly one message.`);
    return 0;
  }
  say('The figures disagree:');
  for (const sentence of disagreements) say(`  - ${sentence}`);
  return 1;
}

/** What is no bug is told without a stack. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = [StartRefusedError, StalledError, UnexpectedAnswerError].some(
    (kind) => error instanceof kind,
  );
  return expected ? error.message : (error.stack ?? error.message);
}
