import type { Problem } from './api/problem.ts';

/** What the process ends with, for scripts. */
export const EXIT = { done: 0, refused: 1, wrongUse: 2, notReachable: 3 } as const;

/** Herald answered, and does not do it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** The command cannot be meant so: an option, a file, a time that nobody can read. */
export class WrongUseError extends Error {
  override readonly name = 'WrongUseError';
}

/**
 * Why no answer of Herald came:
 * - `refused`: no connection could be made, so nothing was asked for;
 * - `lost`: the connection broke off or was silent, so nobody knows what was done;
 * - `unavailable`: Herald, or a proxy before it, says that a part of it is away (502, 503, 504);
 * - `foreign`: something else answers at this address.
 */
export type Unreachable = 'refused' | 'lost' | 'unavailable' | 'foreign';

export class NotReachableError extends Error {
  override readonly name = 'NotReachableError';
  readonly kind: Unreachable;
  readonly problem: Problem | undefined;
  /** How long Herald asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: Unreachable,
    message: string,
    extras: { readonly problem?: Problem | undefined; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.kind = kind;
    this.problem = extras.problem;
    this.retryAfterMs = extras.retryAfterMs;
  }
}

/** Ctrl-C, or a signal that means the same. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  /** By convention 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: string, exitCode: number) {
    super(`Stopped (${signal}).`);
    this.exitCode = exitCode;
  }
}

/** Whoever read our output has gone, as `head` does when it has enough: nobody is left to tell anything. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
}
