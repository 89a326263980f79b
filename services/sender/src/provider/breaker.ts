import CircuitBreaker from 'opossum';
import { type Answer, isHealthy } from './answer.ts';
import { spread } from './jitter.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

export interface BreakerOptions {
  /** How long it stays open before one call may try, milliseconds, give or take a quarter. */
  readonly resetTimeoutMs: number;
  /** How many answers of the last 10 s it takes to judge at all. */
  readonly volumeThreshold: number;
  readonly onChange: (state: BreakerState) => void;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
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
type Circuit = CircuitBreaker<[Action, boolean], Answer>;

/**
 * opossum around the calls, told by answers instead of exceptions. Its own time-out is off (a call that it gave up
 * would go on), its percentiles and snapshots too (each failure would sort the window's latencies), and concurrency
 * is bounded by the slots.
 *
 * Each opening begins with a new circuit. Calls that began before keep the old one, to which nobody listens: a late
 * answer of theirs neither closes a half-open breaker nor opens it again, and when it has closed the failures of the
 * outage are not held against the provider.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #circuit: Circuit;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#circuit = this.#makeCircuit(false);
  }

  get state(): BreakerState {
    if (this.#circuit.closed) return 'closed';
    return this.#circuit.halfOpen ? 'half-open' : 'open';
  }

  /** How many calls may be in flight: any number, the one that tries whether the provider is back, or none. */
  get admission(): number {
    if (this.#circuit.closed) return Number.POSITIVE_INFINITY;
    // With the try under way it is none: whoever began another would be turned away, look again, and so on.
    return this.#circuit.halfOpen && this.#circuit.pendingClose ? 1 : 0;
  }

  /** Makes the call; `null` when the breaker is open and nothing was called. */
  call(action: Action): Promise<Answer | null> {
    const circuit = this.#circuit;
    return circuit.fire(action, this.state === 'half-open').catch((error: unknown) => {
      if (error instanceof UnhealthyAnswer) {
        this.#weigh(circuit);
        return error.answer;
      }
      if (error instanceof Error && CircuitBreaker.isOurError(error)) return null;
      throw error;
    });
  }

  /** Opens it on somebody else's judgement. */
  open(): void {
    this.#circuit.open();
  }

  close(): void {
    this.#circuit.shutdown();
  }

  /**
   * opossum weighs failures against the calls that began, those in flight among them: with 64 slots it would take 65
   * failures to see a half in them, and a provider that hangs would be given each slot twice. So answers are weighed.
   */
  #weigh(circuit: Circuit): void {
    if (circuit !== this.#circuit || !circuit.closed) return;
    const { failures, successes } = circuit.stats;
    if (failures + successes >= this.#options.volumeThreshold && failures > successes) circuit.open();
  }

  #makeCircuit(opened: boolean): Circuit {
    const { resetTimeoutMs, volumeThreshold, random, onChange } = this.#options;
    const circuit: Circuit = new CircuitBreaker<[Action, boolean], Answer>(judge, {
      timeout: false,
      volumeThreshold,
      errorThresholdPercentage: 50,
      resetTimeout: spread(resetTimeoutMs, random()),
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      name: 'provider',
    });
    if (opened) circuit.open();
    circuit.on('open', () => {
      circuit.shutdown();
      this.#circuit = this.#makeCircuit(true);
      onChange('open');
    });
    circuit.on('halfOpen', () => onChange('half-open'));
    circuit.on('close', () => onChange('closed'));
    return circuit;
  }
}

// A refusal for good, a 429 and a wrong token are answers of a provider that is there: they resolve, and close a
// half-open breaker. That is what opossum's errorFilter is for; told by answers, none is needed. The one call that
// tries whether the provider is back must prove it: cut short, it has not.
function judge(action: Action, mustProve: boolean): Promise<Answer> {
  return action().then((answer) => {
    const unproven = mustProve && (answer.kind === 'lost' || answer.kind === 'unsent');
    if (unproven || !isHealthy(answer)) throw new UnhealthyAnswer(answer);
    return answer;
  });
}
