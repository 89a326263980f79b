import type { Coordination } from '@herald/event-log';

/** How often it is compared, milliseconds: clocks drift by less than half a millisecond meanwhile. */
const COMPARE_MS = 5_000;
/** At the start, and where the broker did not answer, milliseconds. */
const RETRY_MS = 250;
const FIRST_COMPARISONS = 3;
/** So many failures in a row are told, once. */
const TELLING_FAILURES = 4;
/** How far two good clocks may drift apart, milliseconds in a millisecond. */
const DRIFT = 2e-4;

/**
 * The broker's clock as this process knows it: the one clock that all senders have in common, whatever their own show.
 * Something is stored, and the server says when it did: that was between our asking and its answer, so half a round
 * trip is the largest error. Each comparison narrows what is known; one that contradicts it (the server's clock was
 * set, another server leads) counts alone.
 */
export class BrokerClock {
  readonly #coordination: Coordination;
  readonly #subject: string;
  readonly #local: () => number;
  readonly #onKnown: () => void;
  readonly #onTrouble: (error: unknown) => void;
  #lowest = Number.NEGATIVE_INFINITY;
  #highest = Number.POSITIVE_INFINITY;
  #comparedAt = 0;
  #comparisons = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #state: 'idle' | 'running' | 'closed' = 'idle';

  /**
   * @param subject where only this process stores
   * @param local milliseconds of a clock that never goes back
   * @param onKnown it can be used from now on
   * @param onTrouble it could not be compared several times in a row
   */
  constructor(
    coordination: Coordination,
    subject: string,
    local: () => number,
    onKnown: () => void,
    onTrouble: (error: unknown) => void = () => {},
  ) {
    this.#coordination = coordination;
    this.#subject = subject;
    this.#local = local;
    this.#onKnown = onKnown;
    this.#onTrouble = onTrouble;
  }

  /** Begins to compare; a second call does nothing. */
  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    void this.#compareAndGoOn();
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
  }

  get isKnown(): boolean {
    return Number.isFinite(this.#lowest);
  }

  /** Milliseconds since 1970 by the broker's clock; only where `isKnown`. */
  get now(): number {
    return this.#local() + this.#offset;
  }

  /** The moment of the broker's clock by our own. */
  toLocal(brokerTime: number): number {
    return brokerTime - this.#offset;
  }

  /** Takes in a comparison: stored at this time of the broker's, between these two of ours. */
  learn(storedAt: number, askedAt: number, answeredAt: number): void {
    const drift = (answeredAt - this.#comparedAt) * DRIFT;
    const lowest = Math.max(this.#lowest - drift, storedAt - answeredAt);
    const highest = Math.min(this.#highest + drift, storedAt - askedAt);
    const agrees = lowest <= highest;
    this.#lowest = agrees ? lowest : storedAt - answeredAt;
    this.#highest = agrees ? highest : storedAt - askedAt;
    this.#comparedAt = answeredAt;
  }

  get #offset(): number {
    return (this.#lowest + this.#highest) / 2;
  }

  async #compareAndGoOn(): Promise<void> {
    const wasKnown = this.isKnown;
    let answered = true;
    try {
      await this.#compare();
      this.#comparisons += 1;
      this.#failures = 0;
    } catch (error) {
      // The first tries find the stream missing and make it.
      answered = false;
      this.#failures += 1;
      if (this.#failures === TELLING_FAILURES) this.#onTrouble(error);
    }
    if (this.#state === 'closed') return;
    const isSettled = answered && this.#comparisons >= FIRST_COMPARISONS;
    this.#timer = setTimeout(() => void this.#compareAndGoOn(), isSettled ? COMPARE_MS : RETRY_MS);
    if (!wasKnown && this.isKnown) this.#onKnown();
  }

  async #compare(): Promise<void> {
    const askedAt = this.#local();
    const sequence = await this.#coordination.put(this.#subject, '');
    const answeredAt = this.#local();
    const stored = await this.#coordination.read(this.#subject);
    if (stored?.sequence !== sequence) throw new Error('what was stored is not there');
    this.learn(stored.storedAt, askedAt, answeredAt);
  }
}
