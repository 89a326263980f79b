import { recipientsQuery } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { ask, QueryUnavailableError } from '@herald/service-kit';
import { backOffMs } from './back-off.ts';

export interface Recipient {
  /** Digits. Never logged. */
  readonly phone: string;
  readonly timezone: string;
}

export interface DirectoryOptions {
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** It may be asked again. */
  readonly onRested: () => void;
}

/** Less would be a queue of batches rushing through an empty counter, milliseconds. */
const SHORTEST_REST_MS = 250;

/**
 * The clients as the mailing service knows them now. When nobody answers it rests, with a back-off that counts the
 * questions of several batches at once as one: whoever claimed all the time would take every batch of a mailing in
 * its hand, a thousand a second, to give it back.
 */
export class Directory {
  readonly #broker: Broker;
  readonly #options: DirectoryOptions;
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(broker: Broker, options: DirectoryOptions) {
    this.#broker = broker;
    this.#options = options;
  }

  /** How long it is not to be asked yet, milliseconds; 0 when it may be asked. */
  get restLeftMs(): number {
    return Math.max(0, this.#restsUntil - performance.now());
  }

  /** Phones and zones of clients, by id; who was removed is missing. `null` when nobody answers now. */
  async resolve(clientIds: string[]): Promise<Map<string, Recipient> | null> {
    if (this.restLeftMs > 0) return null;
    try {
      const { recipients } = await ask(this.#broker, recipientsQuery, { clientIds });
      this.#failures = 0;
      return new Map(recipients.map(({ id, phone, timezone }) => [id, { phone, timezone }]));
    } catch (error) {
      if (!(error instanceof QueryUnavailableError)) throw error;
      this.#rest();
      return null;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    if (this.restLeftMs > 0) return;
    this.#failures += 1;
    const rest = Math.max(SHORTEST_REST_MS, backOffMs(this.#failures, this.#options.random()));
    this.#restsUntil = performance.now() + rest;
    this.#wakeAfterRest();
  }

  #wakeAfterRest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // Timers may fire a fraction of a millisecond early.
      if (this.restLeftMs > 0) this.#wakeAfterRest();
      else this.#options.onRested();
    }, this.restLeftMs);
  }
}
