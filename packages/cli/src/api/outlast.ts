import { setTimeout as sleep } from 'node:timers/promises';
import { NotReachableError } from '../failures.ts';

export type Outlasting = {
  readonly signal: AbortSignal;
  /** So many milliseconds without any answer are too many. */
  readonly patienceMs: number;
  /** Whether a connection that nobody takes is waited for at once: not where the address may be wrong. After an answer it is always. */
  readonly alsoRefused: boolean;
  /** Told why it is waited, each time. */
  readonly onTrouble?: (reason: string) => void;
};

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Makes a call that may be made twice, again and again while Herald is away: restarted, updated, or without a part of it.
 * @throws what the call throws, when waiting does not help or has lasted too long
 */
export async function outlast<Result>(
  call: () => Promise<Result>,
  { signal, patienceMs, alsoRefused, onTrouble }: Outlasting,
): Promise<Result> {
  const deadline = performance.now() + patienceMs;
  let isKnown = alsoRefused;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!passes(error, isKnown) || performance.now() > deadline) throw error;
      isKnown = true;
      onTrouble?.(error.message);
      await sleep(Math.min(error.retryAfterMs ?? pauseMs, LONGEST_PAUSE_MS), undefined, { signal });
    }
  }
}

function passes(error: unknown, alsoRefused: boolean): error is NotReachableError {
  if (!(error instanceof NotReachableError)) return false;
  switch (error.kind) {
    case 'lost':
    case 'unavailable':
      return true;
    case 'refused':
      return alsoRefused;
    case 'foreign':
      return false;
    default:
      return error.kind satisfies never;
  }
}
