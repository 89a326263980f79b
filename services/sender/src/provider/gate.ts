import { type Answer, isHealthy } from './answer.ts';
import { noEarlier, spread } from './jitter.ts';
import { climb, firstStep, type Ramp } from './ramp.ts';

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
  /** How long after a rejected token one call tries again, milliseconds, give or take a quarter. */
  readonly tokenProbeMs: number;
  /** Called whenever `admission` may have changed for the better. */
  readonly onChange: () => void;
  /** The token is rejected (told for each call that tried it), or taken again. */
  readonly onToken: (rejected: boolean, statusCode: number) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** What a call that began is told by when it ends: one from before the trouble proves nothing about it. */
export interface Pass {
  readonly era: number;
  readonly messageId: number;
  readonly isTokenProbe: boolean;
}

/** So many messages are remembered that the token was rejected for while others passed. */
const MOST_SUSPECTS = 1_000;

/**
 * What is known of our token. `doubted`: it was rejected once, and the next call tells whether that was about the token
 * or about the message. `on-trial`: it was rejected for certain, and one call tries again.
 */
type Token = 'good' | 'doubted' | 'rejected' | 'on-trial';

/**
 * The one place that every call to the provider passes: the breaker, the pause that the provider asks for, a rejected
 * token, and the slow start after each of them. Nobody waits in it: who may not begin leaves the message where it is,
 * and is told by `onChange` when to look again. So a stop, a pause or the end of a mailing has no waiter to wake.
 *
 * Trouble begins a new era. Calls of an older one may still be in flight (64 of them, for the whole of the provider's
 * time where it hangs); they take no place from the call that tries, and their answers do not count in the ramp.
 */
export class Gate {
  readonly #options: GateOptions;
  #era = 0;
  #inFlightOfEra = 0;
  #inFlight = 0;
  #ramp: Ramp | 'full' = 'full';
  #pausedUntil = 0;
  #pauseTimer: NodeJS.Timeout | undefined;
  #token: Token = 'good';
  /** Messages that were answered with 401 or 403 since the token was proved last. */
  readonly #rejected = new Set<number>();
  /** Messages that were so answered, and others passed with the same token after them: it is about them. */
  readonly #suspects = new Set<number>();
  #tokenTimer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get admission(): Admission {
    if (!this.#options.mayCall() || this.pauseLeftMs > 0 || this.#token === 'rejected') return 0;
    const limit = this.#ramp === 'full' ? Number.POSITIVE_INFINITY : this.#ramp.limit;
    return Math.min(this.#options.breaker(), this.#isTrying ? 1 : limit);
  }

  /** Whether one more call may begin. */
  get mayBegin(): boolean {
    return this.#inFlightOfEra < this.admission;
  }

  /** Calls that began and did not end, of every era. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get tokenRejected(): boolean {
    return this.#token === 'rejected' || this.#token === 'on-trial';
  }

  get #isTrying(): boolean {
    return this.#token === 'doubted' || this.#token === 'on-trial';
  }

  /** What is left of the pause that the provider asked for, milliseconds. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#options.now());
  }

  /** A call begins; only where `mayBegin` says so. */
  enter(messageId: number): Pass {
    this.#inFlight += 1;
    this.#inFlightOfEra += 1;
    return { era: this.#era, messageId, isTokenProbe: this.#isTrying };
  }

  /**
   * The call ended with this answer, or was not made after all (`null`).
   *
   * @returns what the answer means: a rejected token that was never about the token is a refusal of the message
   */
  leave(pass: Pass, answer: Answer | null): Answer | null {
    this.#inFlight -= 1;
    if (pass.era === this.#era) this.#inFlightOfEra -= 1;
    const meant = this.#readMeaning(pass, answer);
    // What is about one message says nothing of the provider.
    if (answer !== null && meant === answer) this.#heed(pass, answer);
    if (pass.isTokenProbe && this.#isTrying) this.#endTrial(pass, meant);
    return meant;
  }

  /** What calls are begun from now on goes slowly at first, and knows nothing of those from before. */
  beginSlowly(): void {
    this.#era += 1;
    this.#inFlightOfEra = 0;
    this.#ramp = firstStep;
  }

  close(): void {
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#tokenTimer);
  }

  #heed(pass: Pass, answer: Answer): void {
    switch (answer.kind) {
      case 'token-rejected':
        this.#rejectToken(pass, answer.statusCode);
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
        this.#count(pass, answer);
        return;
      default:
        answer satisfies never;
    }
  }

  #count(pass: Pass, answer: Answer): void {
    if (pass.era !== this.#era || this.#ramp === 'full') return;
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

  #readMeaning({ messageId }: Pass, answer: Answer | null): Answer | null {
    if (answer?.kind !== 'token-rejected' || !this.#suspects.has(messageId)) return answer;
    const { statusCode } = answer;
    return { kind: 'refused', statusCode, error: `status ${statusCode}`, pauseMs: null };
  }

  #rejectToken(pass: Pass, statusCode: number): void {
    if (this.#rejected.size < MOST_SUSPECTS) this.#rejected.add(pass.messageId);
    if (this.#token === 'good') {
      // Said of one message by a provider that takes all others, this must not stop them: the next one tells.
      this.#token = 'doubted';
      this.beginSlowly();
      this.#options.onChange();
      return;
    }
    // Of the many calls that were under way each tells the same; what counts is the one that tried.
    if (!pass.isTokenProbe) return;
    // Closed first: whoever is told may look whether something can begin.
    this.#tryLater();
    this.#options.onToken(true, statusCode);
  }

  #endTrial({ messageId }: Pass, answer: Answer | null): void {
    // Only an answer of the application behind the token check proves that it was passed.
    if (answer?.kind === 'sent' || answer?.kind === 'failed' || answer?.kind === 'throttled') {
      const wasRejected = this.tokenRejected;
      this.#token = 'good';
      this.#suspect(messageId);
      this.beginSlowly();
      if (wasRejected) this.#options.onToken(false, answer.statusCode);
      this.#options.onChange();
    } else if (this.#token === 'on-trial') {
      this.#tryLater();
    } else {
      // The doubt is still there, and the place is free again.
      this.#options.onChange();
    }
  }

  /** The token passed with this message, so it was about the others that it did not pass with. */
  #suspect(passed: number): void {
    this.#rejected.delete(passed);
    this.#suspects.delete(passed);
    for (const messageId of this.#rejected) {
      // A set keeps its order: the oldest goes first.
      const [oldest] = this.#suspects;
      if (this.#suspects.size >= MOST_SUSPECTS && oldest !== undefined) this.#suspects.delete(oldest);
      this.#suspects.add(messageId);
    }
    this.#rejected.clear();
  }

  #tryLater(): void {
    this.#token = 'rejected';
    this.beginSlowly();
    clearTimeout(this.#tokenTimer);
    this.#tokenTimer = setTimeout(
      () => {
        this.#token = 'on-trial';
        this.#options.onChange();
      },
      spread(this.#options.tokenProbeMs, this.#options.random()),
    );
  }
}
