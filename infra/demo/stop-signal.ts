import { constants } from 'node:os';

/** Why the demo ends before its end. */
export class InterruptedError extends Error {
  /** By convention 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(signal);
    this.name = 'InterruptedError';
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Aborted, with an {@link InterruptedError}, by the first signal; the later ones are only answered. */
export function listenForStop(say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return say(`${signal}: stopping already…`);
      say(`${signal}: stopping…`);
      controller.abort(new InterruptedError(signal));
    });
  }
  return controller.signal;
}
