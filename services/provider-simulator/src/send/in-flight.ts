import type { ServerResponse } from 'node:http';
import { Exchange, type ExchangeEnd } from './exchange.ts';

/** The requests to /v1/send that are under way, and the most there have been at once. */
export class InFlight {
  readonly #exchanges = new Set<Exchange>();
  #most = 0;

  begin(response: ServerResponse, onEnd: (end: ExchangeEnd) => void): Exchange {
    const exchange = new Exchange(response, (ended, end) => {
      this.#exchanges.delete(ended);
      onEnd(end);
    });
    this.#exchanges.add(exchange);
    this.#most = Math.max(this.#most, this.#exchanges.size);
    return exchange;
  }

  get count(): number {
    return this.#exchanges.size;
  }

  get most(): number {
    return this.#most;
  }

  forgetMost(): void {
    this.#most = this.#exchanges.size;
  }

  /** Call it before cutting all connections, so that nobody is said to have left. */
  expectSevering(): void {
    for (const exchange of this.#exchanges) exchange.expectSevering();
  }
}
