import { recipientsQuery } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { ask, QueryUnavailableError } from '@herald/service-kit';

export interface Recipient {
  /** Digits. Never logged. */
  readonly phone: string;
  readonly timezone: string;
}

/** The clients as the mailing service knows them now. */
export class Directory {
  readonly #broker: Broker;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** How many questions in a row were not answered, those of several batches at once counting as one. */
  get failures(): number {
    return this.#failures;
  }

  /** Phones and zones of clients, by id; who was removed is missing. `null` when nobody answers now. */
  async resolve(clientIds: string[]): Promise<Map<string, Recipient> | null> {
    const askedAt = performance.now();
    try {
      const { recipients } = await ask(this.#broker, recipientsQuery, { clientIds });
      this.#failures = 0;
      return new Map(recipients.map(({ id, phone, timezone }) => [id, { phone, timezone }]));
    } catch (error) {
      if (!(error instanceof QueryUnavailableError)) throw error;
      if (askedAt > this.#failedAt) this.#failures += 1;
      this.#failedAt = performance.now();
      return null;
    }
  }
}
