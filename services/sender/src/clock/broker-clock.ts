/** How far two good clocks may drift apart, milliseconds in a millisecond. */
const DRIFT = 2e-4;

/**
 * The broker's clock as this process knows it: the one clock that all senders have in common, whatever their own show.
 * The server says when it stored something: that was between our asking and its answer, so half a round trip is the
 * largest error. Each comparison narrows what is known; one that contradicts it (the server's clock was set, another
 * server leads) counts alone.
 */
export class BrokerClock {
  readonly #local: () => number;
  #lowest = Number.NEGATIVE_INFINITY;
  #highest = Number.POSITIVE_INFINITY;
  #comparedAt = 0;

  /** @param local milliseconds of a clock that never goes back */
  constructor(local: () => number) {
    this.#local = local;
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
}
