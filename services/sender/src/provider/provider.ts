import type { Answer } from './answer.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { TIMED_OUT } from './call.ts';
import type { CallAbort } from './call-abort.ts';
import { classify } from './classify.ts';
import { ProviderClient, type SendRequest } from './client.ts';
import { type Admission, Gate } from './gate.ts';
import type { FirstRejection } from './token-trust.ts';

export interface ProviderOptions {
  readonly url: string;
  readonly token: string;
  readonly timeoutMs: number;
  /** How long a pause may be that the provider asks for, milliseconds. */
  readonly longestPauseMs: number;
  readonly connections: number;
  readonly breaker: { readonly resetTimeoutMs: number; readonly volumeThreshold: number };
  readonly tokenProbeMs: number;
  /** By how much the clocks of two senders may differ, milliseconds. */
  readonly clocksDifferMs: number;
  /** False while this process must not call for a reason of its own. */
  readonly mayCall: () => boolean;
  readonly onBreaker: (state: BreakerState) => void;
  readonly onToken: (rejected: boolean, statusCode: number) => void;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}

/** When a call may begin and must be over, milliseconds since 1970. */
export interface CallLimits {
  /** No byte leaves later, however long a connection takes. */
  readonly beginByMs: number;
  readonly endAtMs: number;
}

/** Why a call is broken off when its mailing ends first. */
export const MAILING_ENDED = 'the mailing ended';

/** The provider as the sender sees it: may I call, call, and tell me when to look again. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #client: ProviderClient;
  readonly #breaker: Breaker;
  readonly #gate: Gate;
  #changed: () => void = () => {};

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#client = new ProviderClient(options);
    const { random } = options;
    this.#breaker = new Breaker({
      ...options.breaker,
      random,
      onChange: (state) => {
        if (state !== 'half-open') this.#gate.beginSlowly();
        options.onBreaker(state);
        this.#changed();
      },
    });
    this.#gate = new Gate({
      breaker: () => this.#breaker.admission,
      onRelapse: () => this.#breaker.open(),
      mayCall: options.mayCall,
      slots: options.connections,
      tokenProbeMs: options.tokenProbeMs,
      clocksDifferMs: options.clocksDifferMs,
      onChange: () => this.#changed(),
      onToken: options.onToken,
      now: () => performance.now(),
      random,
    });
  }

  /** Sets who is told when `admission` may have changed. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  /** How many calls may be in flight now. */
  get admission(): Admission {
    return this.#gate.admission;
  }

  /** Whether one more call may begin. */
  get mayBegin(): boolean {
    return this.#gate.mayBegin;
  }

  get inFlight(): number {
    return this.#gate.inFlight;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  get tokenRejected(): boolean {
    return this.#gate.tokenRejected;
  }

  /** What is left of the pause that the provider asked for, milliseconds. */
  get pauseLeftMs(): number {
    return this.#gate.pauseLeftMs;
  }

  /** Ends the pause that the provider asked for; true where there was one. */
  resume(): boolean {
    const wasPaused = this.pauseLeftMs > 0;
    this.#gate.resume();
    return wasPaused;
  }

  /**
   * Calls once; only where `mayBegin` says so. Ends at the latest after the provider's time or at `endAtMs`, or when
   * `abort` is used.
   *
   * @param rejected the first call for the message that was answered with 401 or 403; `null` if none was
   * @returns `null` when no call was made after all
   */
  send(
    request: SendRequest,
    rejected: FirstRejection | null,
    abort: CallAbort,
    limits: CallLimits,
  ): Promise<Answer | null> {
    const { messageId } = request;
    const pass = this.#gate.enter({ messageId, rejected, startedAtMs: this.#options.now() });
    // Plain promises, here and below: an async function for each step of each call is garbage by the kilobyte.
    const broke = (error: unknown): never => {
      this.#gate.leave(pass, null);
      throw error;
    };
    try {
      return this.#breaker
        .call(() => this.#call(request, abort, limits))
        .then((answer) => this.#gate.leave(pass, answer), broke);
    } catch (error) {
      return broke(error);
    }
  }

  async close(): Promise<void> {
    this.#gate.close();
    this.#breaker.close();
    await this.#client.close();
  }

  #call(request: SendRequest, abort: CallAbort, { beginByMs, endAtMs }: CallLimits): Promise<Answer> {
    const { timeoutMs, longestPauseMs, now } = this.#options;
    const at = now();
    const steady = performance.now();
    const toTheEnd = Math.max(0, endAtMs - at);
    const endBy = steady + Math.min(toTheEnd, timeoutMs);
    const beginBy = Math.min(endBy, steady + beginByMs - at);
    const endReason = toTheEnd < timeoutMs ? MAILING_ENDED : TIMED_OUT;
    return this.#client
      .send(request, { beginBy, endBy, endReason, abort })
      .then((result) => classify(result, now(), longestPauseMs));
  }
}
