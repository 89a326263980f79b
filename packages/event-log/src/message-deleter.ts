import { createInbox, type Subscription } from 'nats';
import type { Broker } from './connection.ts';

interface Group {
  left: number;
  failed: number;
  readonly done: () => void;
}

/**
 * Deletes messages of a stream one by one, many at a time, over one inbox for all answers. The client's own request costs
 * three times as much for each. (A purge makes servers before 2.10 forget every delivery that is under way.)
 */
export class MessageDeleter {
  readonly #broker: Broker;
  readonly #subject: string;
  readonly #inbox = createInbox();
  readonly #groups = new Map<string, Group>();
  readonly #subscription: Subscription;
  #next = 0;

  constructor(broker: Broker, stream: string) {
    this.#broker = broker;
    this.#subject = `$JS.API.STREAM.MSG.DELETE.${stream}`;
    this.#subscription = broker.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        // An error comes with no message; what stays unanswered counts as failed.
        if (error === null) this.#answered(message.subject, message.string());
      },
    });
  }

  /**
   * @param withinMs how long answers are waited for, milliseconds
   * @returns how many were not deleted, or may not be: they were gone, or no answer came; never rejects
   */
  async delete(sequences: readonly number[], withinMs: number): Promise<number> {
    if (sequences.length === 0) return 0;
    this.#next += 1;
    const reply = `${this.#inbox}.${this.#next}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    const group: Group = { left: sequences.length, failed: 0, done: resolve };
    this.#groups.set(reply, group);
    const timer = setTimeout(resolve, withinMs);
    try {
      for (const seq of sequences)
        this.#broker.connection.publish(this.#subject, JSON.stringify({ seq, no_erase: true }), { reply });
      await promise;
    } catch {
      // The connection is closed.
    }
    clearTimeout(timer);
    this.#groups.delete(reply);
    return group.failed + group.left;
  }

  /** What is not answered yet counts as failed. */
  close(): void {
    this.#subscription.unsubscribe();
    for (const group of this.#groups.values()) group.done();
  }

  #answered(reply: string, text: string): void {
    const group = this.#groups.get(reply);
    if (group === undefined) return;
    group.left -= 1;
    if (!isSuccess(text)) group.failed += 1;
    if (group.left === 0) group.done();
  }
}

function isSuccess(text: string): boolean {
  try {
    return JSON.parse(text).success === true;
  } catch {
    // Without an API at the other end the answer is empty.
    return false;
  }
}
