import type { Answer } from './answer.ts';

/** How many calls may begin now. */
export type Admission = 'open' | 'one' | 'none';

export interface GateOptions {
  /** What the breaker admits. */
  readonly breaker: () => Admission;
  /** How long after a rejected token one call tries again, milliseconds. */
  readonly tokenProbeMs: number;
  /** Called whenever `admission` may have changed for the better. */
  readonly onChange: () => void;
  readonly onToken: (rejected: boolean, statusCode: number) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What a call that began is told by when it ends: one from before the trouble proves nothing about it. */
export interface Pass {
  readonly isTokenProbe: boolean;
}

/**
 * The one place that every call to the provider passes: the breaker, the pause that a 429 asks for, and a rejected
 * token. Nobody waits in it: who may not begin leaves the message where it is, and is told by `onChange` when to look
 * again. So a stop, a pause or the end of a mailing has no waiter to wake.
 */
export class Gate {
  readonly #options: GateOptions;
  #pausedUntil = 0;
  #pauseTimer: NodeJS.Timeout | undefined;
  #token: 'good' | 'rejected' | 'probe-due' | 'probing' = 'good';
  #tokenTimer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get admission(): Admission {
    if (this.pauseLeftMs > 0) return 'none';
    if (this.#token === 'rejected' || this.#token === 'probing') return 'none';
    const breaker = this.#options.breaker();
    return breaker === 'open' && this.#token === 'probe-due' ? 'one' : breaker;
  }

  get tokenRejected(): boolean {
    return this.#token !== 'good';
  }

  /** What is left of the pause that the provider asked for, milliseconds. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#options.now());
  }

  /** A call begins; only where `admission` allows it. */
  enter(): Pass {
    const isTokenProbe = this.#token === 'probe-due';
    if (isTokenProbe) this.#token = 'probing';
    return { isTokenProbe };
  }

  /** The call ended with this answer, or was not made after all (`null`). */
  leave(pass: Pass, answer: Answer | null): void {
    if (answer?.kind === 'throttled') this.#pause(answer.pauseMs);
    if (answer?.kind === 'token-rejected') this.#rejectToken(pass, answer.statusCode);
    else if (pass.isTokenProbe) this.#endProbe(answer);
  }

  close(): void {
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#tokenTimer);
  }

  #pause(milliseconds: number): void {
    const until = this.#options.now() + milliseconds;
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#waitForPause();
  }

  #waitForPause(): void {
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = setTimeout(() => {
      // Timers may fire a fraction of a millisecond early.
      if (this.pauseLeftMs > 0) this.#waitForPause();
      else this.#options.onChange();
    }, this.pauseLeftMs);
  }

  #rejectToken(pass: Pass, statusCode: number): void {
    // Of the many calls that were under way the first tells it, and from then on each that tried again.
    if (this.#token !== 'good' && !pass.isTokenProbe) return;
    this.#options.onToken(true, statusCode);
    this.#tryLater();
  }

  #endProbe(answer: Answer | null): void {
    // Only an answer of the application behind the token check proves that it was passed.
    if (answer?.kind === 'sent' || answer?.kind === 'failed' || answer?.kind === 'throttled') {
      this.#token = 'good';
      this.#options.onToken(false, answer.statusCode);
      this.#options.onChange();
    } else {
      this.#tryLater();
    }
  }

  #tryLater(): void {
    this.#token = 'rejected';
    clearTimeout(this.#tokenTimer);
    this.#tokenTimer = setTimeout(() => {
      this.#token = 'probe-due';
      this.#options.onChange();
    }, this.#options.tokenProbeMs);
  }
}
