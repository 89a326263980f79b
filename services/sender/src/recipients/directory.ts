import { recipientsQuery } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { ask, QueryUnavailableError } from '@herald/service-kit';
import { backOffMs } from '../back-off.ts';
import type { SteadyClock } from '../steady-clock.ts';

export interface Recipient {
  /** Digits. Never logged. */
  readonly phone: string;
  readonly timezone: string;
}

export interface DirectoryOptions {
  /** Asks for phones and zones of clients. Throws QueryUnavailableError where nobody answers. */
  readonly ask: (clientIds: string[]) => Promise<Recipients>;
  readonly clock: SteadyClock;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** It may be asked again. */
  readonly onRested: () => void;
}

/** So many questions are under way at most; what comes meanwhile is asked together. */
const MOST_QUESTIONS = 2;
/** Clients of small batches that are asked for together; a larger batch is asked for alone. */
const MOST_TOGETHER = 250;

/** Batches that wait for one answer. */
interface Question {
  readonly clientIds: string[];
  readonly answer: PromiseWithResolvers<Recipients | null>;
}

/** By client id; who was removed is missing. */
export type Recipients = ReadonlyMap<string, Recipient>;

/** Asks the mailing service. */
export const askRecipients =
  (broker: Broker) =>
  async (clientIds: string[]): Promise<Recipients> => {
    const { recipients } = await ask(broker, recipientsQuery, { clientIds });
    return new Map(recipients.map(({ id, phone, timezone }) => [id, { phone, timezone }]));
  };

/** Less would be a queue of batches rushing through an empty counter, milliseconds. */
const SHORTEST_REST_MS = 250;

/**
 * The clients as the mailing service knows them now. When nobody answers it rests, with a back-off that counts the
 * questions of several batches at once as one: whoever claimed all the time would take every batch of a mailing in
 * its hand, a thousand a second, to give it back.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #waiting: Question[] = [];
  #underWay = 0;
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #stopTimer: () => void = () => {};

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** How long it is not to be asked yet, milliseconds; 0 when it may be asked. */
  get restLeftMs(): number {
    return Math.max(0, this.#restsUntil - this.#options.clock.now());
  }

  /**
   * Phones and zones of clients, by id, maybe of others as well; who was removed is missing. `null` when nobody answers
   * now. Questions of small batches gather while others are under way, and go together.
   */
  async resolve(clientIds: string[]): Promise<Recipients | null> {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.clientIds.length + clientIds.length <= MOST_TOGETHER) {
      last.clientIds.push(...clientIds);
      return last.answer.promise;
    }
    const question: Question = { clientIds: [...clientIds], answer: Promise.withResolvers() };
    this.#waiting.push(question);
    this.#askNext();
    return question.answer.promise;
  }

  #askNext(): void {
    while (this.#underWay < MOST_QUESTIONS) {
      const question = this.#waiting.shift();
      if (question === undefined) return;
      this.#underWay += 1;
      const asking = this.#ask(question.clientIds).finally(() => {
        this.#underWay -= 1;
        this.#askNext();
      });
      asking.then(question.answer.resolve, question.answer.reject);
    }
  }

  async #ask(clientIds: string[]): Promise<Recipients | null> {
    if (this.restLeftMs > 0) return null;
    try {
      const recipients = await this.#options.ask(clientIds);
      this.#failures = 0;
      return recipients;
    } catch (error) {
      if (!(error instanceof QueryUnavailableError)) throw error;
      this.#rest();
      return null;
    }
  }

  close(): void {
    this.#stopTimer();
  }

  #rest(): void {
    if (this.restLeftMs > 0) return;
    this.#failures += 1;
    const rest = Math.max(SHORTEST_REST_MS, backOffMs(this.#failures, this.#options.random()));
    this.#restsUntil = this.#options.clock.now() + rest;
    this.#wakeAfterRest();
  }

  #wakeAfterRest(): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(this.restLeftMs, () => {
      // Timers may fire a fraction of a millisecond early.
      if (this.restLeftMs > 0) this.#wakeAfterRest();
      else this.#options.onRested();
    });
  }
}
