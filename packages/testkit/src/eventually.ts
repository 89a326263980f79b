import { setTimeout as sleep } from 'node:timers/promises';

export type EventuallyOptions = {
  /** Default 20 s: far more than a busy machine takes, and less than the 30 s after which a broker gives work away again. */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** What was waited for, as in "the mailing is running". */
  readonly message?: string;
};

/** Anything but void: a condition which forgets to return its answer does not compile. */
type Answer = NonNullable<unknown> | null | undefined;

/**
 * Waits until a condition holds: it does when it returns anything but false, null or undefined, and does not
 * when it throws. One that only asserts ends with `return true`.
 * @returns what the condition returned.
 * @throws after `timeoutMs`, with the condition's last error as the cause.
 */
export async function eventually<Result extends Answer>(
  condition: () => Result | Promise<Result>,
  { timeoutMs = 20_000, everyMs = 25, message = 'the condition holds' }: EventuallyOptions = {},
): Promise<Exclude<Awaited<Result>, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const result = await condition();
      if (isMet(result)) return result;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) {
      const why = cause instanceof Error ? ` (${cause.message})` : '';
      throw new Error(`Waited ${timeoutMs} ms in vain until ${message}${why}.`, { cause });
    }
    await sleep(everyMs);
  }
}

function isMet<Result>(result: Result): result is Exclude<Result, false | null | undefined> {
  return result !== false && result !== null && result !== undefined;
}
