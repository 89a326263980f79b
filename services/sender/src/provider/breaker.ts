import CircuitBreaker from 'opossum';
import { type Answer, isHealthy } from './answer.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

export interface BreakerOptions {
  /** How long it stays open before one call may try, milliseconds. */
  readonly resetTimeoutMs: number;
  /** How many calls of the last 10 s it takes to judge at all. */
  readonly volumeThreshold: number;
  readonly onChange: (state: BreakerState) => void;
}

/** An answer that counts against the provider, on its way through the breaker, which knows failures as rejections. */
class UnhealthyAnswer extends Error {
  override readonly name = 'UnhealthyAnswer';
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(answer.kind);
    this.answer = answer;
  }
}

type Action = () => Promise<Answer>;

/**
 * opossum around the calls, told by answers instead of exceptions. Its own time-out is off (a call that it gave up
 * would go on), its percentiles and snapshots too (each failure would sort the window's latencies), and concurrency
 * is bounded by the slots.
 */
export class Breaker {
  readonly #circuit: CircuitBreaker<[Action], Answer>;

  constructor(options: BreakerOptions) {
    this.#circuit = new CircuitBreaker<[Action], Answer>((action) => this.#judge(action), {
      timeout: false,
      volumeThreshold: options.volumeThreshold,
      errorThresholdPercentage: 50,
      resetTimeout: options.resetTimeoutMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      name: 'provider',
    });
    const tell = (): void => options.onChange(this.state);
    this.#circuit.on('open', tell);
    this.#circuit.on('halfOpen', tell);
    this.#circuit.on('close', tell);
  }

  get state(): BreakerState {
    if (this.#circuit.closed) return 'closed';
    return this.#circuit.halfOpen ? 'half-open' : 'open';
  }

  /** How many calls may begin now: any number, only the one that tries whether the provider is back, or none. */
  get admission(): 'open' | 'one' | 'none' {
    if (this.#circuit.closed) return 'open';
    return this.#circuit.halfOpen && this.#circuit.pendingClose ? 'one' : 'none';
  }

  /** Makes the call; `null` when the breaker is open and nothing was called. */
  async call(action: Action): Promise<Answer | null> {
    try {
      return await this.#circuit.fire(action);
    } catch (error) {
      if (error instanceof UnhealthyAnswer) return error.answer;
      if (error instanceof Error && CircuitBreaker.isOurError(error)) return null;
      throw error;
    }
  }

  close(): void {
    this.#circuit.shutdown();
  }

  // A refusal for good, a 429 and a wrong token are answers of a provider that is there: they resolve, and close a
  // half-open breaker. That is what opossum's errorFilter is for; told by answers, none is needed. The one call that
  // tries whether the provider is back must prove it: cut short, it has not.
  async #judge(action: Action): Promise<Answer> {
    const answer = await action();
    const unproven = this.state === 'half-open' && answer.kind === 'lost';
    if (unproven || !isHealthy(answer)) throw new UnhealthyAnswer(answer);
    return answer;
  }
}
