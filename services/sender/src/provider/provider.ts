import type { Answer } from './answer.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { classify } from './classify.ts';
import { ProviderClient, type SendRequest, TIMED_OUT } from './client.ts';
import { type Admission, Gate } from './gate.ts';

export interface ProviderOptions {
  readonly url: string;
  readonly token: string;
  readonly timeoutMs: number;
  readonly connections: number;
  readonly breaker: { readonly resetTimeoutMs: number; readonly volumeThreshold: number };
  readonly tokenProbeMs: number;
  readonly onBreaker: (state: BreakerState) => void;
  readonly onToken: (rejected: boolean, statusCode: number) => void;
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
    this.#breaker = new Breaker({
      ...options.breaker,
      onChange: (state) => {
        options.onBreaker(state);
        this.#changed();
      },
    });
    this.#gate = new Gate({
      breaker: () => this.#breaker.admission,
      tokenProbeMs: options.tokenProbeMs,
      onChange: () => this.#changed(),
      onToken: options.onToken,
      now: () => performance.now(),
    });
  }

  /** Sets who is told when `admission` may have changed. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  get admission(): Admission {
    return this.#gate.admission;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  get tokenRejected(): boolean {
    return this.#gate.tokenRejected;
  }

  /** When the pause that the provider asked for is over; `null` when there is none. */
  get pausedUntil(): Date | null {
    const left = this.#gate.pauseLeftMs;
    return left === 0 ? null : new Date(Date.now() + left);
  }

  /**
   * Calls once; only where `admission` allows it. Ends at the latest after the provider's time or at `endAtMs`
   * (milliseconds since 1970), or when `abort` is used.
   *
   * @returns `null` when no call was made after all
   */
  async send(request: SendRequest, abort: AbortController, endAtMs: number): Promise<Answer | null> {
    const pass = this.#gate.enter();
    let answer: Answer | null = null;
    try {
      answer = await this.#breaker.call(() => this.#call(request, abort, endAtMs));
    } finally {
      this.#gate.leave(pass, answer);
    }
    return answer;
  }

  async close(): Promise<void> {
    this.#gate.close();
    this.#breaker.close();
    await this.#client.close();
  }

  async #call(request: SendRequest, abort: AbortController, endAtMs: number): Promise<Answer> {
    const { timeoutMs } = this.#options;
    const toTheEnd = endAtMs - Date.now();
    const timer =
      toTheEnd < timeoutMs
        ? setTimeout(() => abort.abort(MAILING_ENDED), Math.max(0, toTheEnd))
        : setTimeout(() => abort.abort(TIMED_OUT), timeoutMs);
    const result = await this.#client.send(request, abort.signal);
    clearTimeout(timer);
    return classify(result, Date.now());
  }
}
