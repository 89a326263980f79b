import { constants } from 'node:os';
import { InterruptedError } from './failures.ts';

/** Shows the cursor, wraps lines, and leaves the second screen: what a process that ends at once must not leave behind. */
export const RESTORE_TERMINAL = '\u001b[?25h\u001b[?7h\u001b[?1049l';

/** A terminal and the program that started us may both pass on one Ctrl-C: only a later one means "at once". */
const SAME_SIGNAL_MS = 500;

/**
 * Ends the command in good order at the first signal, and at once at the second.
 * @param endNow leaves the terminal as it was and ends the process
 */
export function stopOnSignals(stop: AbortController, endNow: (exitCode: number) => void): void {
  let firstMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const exitCode = 128 + constants.signals[signal];
    process.on(signal, () => {
      const nowMs = performance.now();
      if (firstMs === undefined) {
        firstMs = nowMs;
        stop.abort(new InterruptedError(signal, exitCode));
      } else if (nowMs - firstMs > SAME_SIGNAL_MS) endNow(exitCode);
    });
  }
}
