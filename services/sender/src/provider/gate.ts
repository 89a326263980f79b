import { type Answer, isHealthy } from './answer.ts';
import { noEarlier } from './jitter.ts';
import { climb, firstStep, type Ramp } from './ramp.ts';
import { type TokenCall, TokenTrust, type TokenTrustOptions } from './token-trust.ts';

/** How many calls may be in flight now: 0, 1 to try, so many while calls ramp up, or `Infinity`. */
export type Admission = number;

export interface GateOptions {
  /** What the breaker admits. */
  readonly breaker: () => Admission;
  /** Opens the breaker: the provider that seemed to be back is not. */
  readonly onRelapse: () => void;
  /** False while this process must not call for a reason of its own. */
  readonly mayCall: () => boolean;
  /** How many calls are ever in flight: the ramp ends there. */
  readonly slots: number;
  /** As `probeMs` of {@link TokenTrustOptions}. */
  readonly tokenProbeMs: number;
  /** As of {@link TokenTrustOptions}. */
  readonly clocksDifferMs: number;
  /** Called whenever `admission` may have changed for the better. */
  readonly onChange: () => void;
  readonly onToken: TokenTrustOptions['onToken'];
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** What a call that began is told by when it ends: one from before the trouble proves nothing about it. */
export interface Pass extends TokenCall {
  readonly epoch: number;
}

/**
 * The one place that every call to the provider passes: the breaker, the pause that the provider asks for, a rejected
 * token, and the slow start after each of them. Nobody waits in it: who may not begin leaves the message where it is,
 * and is told by `onChange` when to look again. So a stop, a pause or the end of a mailing has no waiter to wake.
 *
 * Trouble begins a new epoch. Calls of an older one may still be in flight (64 of them, for the whole of the provider's
 * time where it hangs); they take no place from the call that tries, and their answers do not count in the ramp.
 */
export class Gate {
  readonly #options: GateOptions;
  #epoch = 0;
  #inFlightOfEpoch = 0;
  #inFlight = 0;
  #ramp: Ramp | 'full' = 'full';
  #pausedUntil = 0;
  #pauseTimer: NodeJS.Timeout | undefined;
  readonly #token: TokenTrust;
  #begun = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    const { tokenProbeMs, clocksDifferMs, onChange, onToken, random } = options;
    this.#token = new TokenTrust({
      probeMs: tokenProbeMs,
      clocksDifferMs,
      onChange,
      onToken: (rejected, statusCode) => {
        if (!rejected) this.beginSlowly();
        onToken(rejected, statusCode);
      },
      random,
    });
  }

  get admission(): Admission {
    if (!this.#options.mayCall() || this.pauseLeftMs > 0) return 0;
    const limit = this.#ramp === 'full' ? Number.POSITIVE_INFINITY : this.#ramp.limit;
    return Math.min(this.#options.breaker(), this.#token.admission, limit);
  }

  /** Whether one more call may begin. */
  get mayBegin(): boolean {
    return this.#inFlightOfEpoch < this.admission;
  }

  /** Calls that began and did not end, of every epoch. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get tokenRejected(): boolean {
    return this.#token.isRejected;
  }

  /** What is left of the pause that the provider asked for, milliseconds. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#options.now());
  }

  /** A call begins; only where `mayBegin` says so. */
  enter(call: Omit<TokenCall, 'order'>): Pass {
    this.#inFlight += 1;
    this.#inFlightOfEpoch += 1;
    this.#begun += 1;
    return { ...call, epoch: this.#epoch, order: this.#begun };
  }

  /**
   * The call ended with this answer, or was not made after all (`null`).
   *
   * @returns what the answer means: a 401 or 403 is about the message or about the token
   */
  leave(pass: Pass, answer: Answer | null): Answer | null {
    this.#inFlight -= 1;
    if (pass.epoch === this.#epoch) this.#inFlightOfEpoch -= 1;
    if (answer !== null) this.#recordAnswer(pass, answer);
    return this.#token.ended(pass, answer, this.#inFlight, this.#begun);
  }

  /** Ends the pause that the provider asked for. Calls go up step by step, as after its end. */
  resume(): void {
    if (this.pauseLeftMs === 0) return;
    this.#pausedUntil = 0;
    clearTimeout(this.#pauseTimer);
    this.#options.onChange();
  }

  /** What calls are begun from now on goes slowly at first, and knows nothing of those from before. */
  beginSlowly(): void {
    this.#epoch += 1;
    this.#inFlightOfEpoch = 0;
    this.#ramp = firstStep;
  }

  close(): void {
    clearTimeout(this.#pauseTimer);
    this.#token.close();
  }

  #recordAnswer(pass: Pass, answer: Answer): void {
    switch (answer.kind) {
      case 'token-rejected':
      case 'unsent':
        return;
      case 'throttled':
        this.#pause(answer.pauseMs);
        return;
      case 'refused':
        this.#count(pass, answer);
        if (answer.pauseMs !== null) this.#pause(answer.pauseMs);
        return;
      case 'lost':
        // Cut short by us: says nothing either way.
        if (!answer.cutShort) this.#count(pass, answer);
        return;
      case 'sent':
      case 'failed':
      case 'declined':
      case 'rejected':
        this.#count(pass, answer);
        return;
      default:
        answer satisfies never;
    }
  }

  #count(pass: Pass, answer: Answer): void {
    if (pass.epoch !== this.#epoch || this.#ramp === 'full') return;
    const { limit } = this.#ramp;
    const next = climb(this.#ramp, isHealthy(answer), this.#options.slots);
    if (next === 'relapsed') {
      this.beginSlowly();
      this.#options.onRelapse();
      return;
    }
    this.#ramp = next;
    if (next === 'full' || next.limit > limit) this.#options.onChange();
  }

  #pause(milliseconds: number): void {
    const until = this.#options.now() + noEarlier(milliseconds, this.#options.random());
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.beginSlowly();
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
}
