import { allResults, type CommandResult, commandIdOfResult, commandResult } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import { Gauge, type Registry } from 'prom-client';

/** Somebody who waits for the result of one command. */
export interface ResultWaiter {
  /** It was announced. */
  readonly announced: (result: CommandResult) => void;
  /** The connection was lost for a while: an announcement may have passed unheard. */
  readonly reconnected: () => void;
}

/**
 * Hears the results of all commands by one subscription, and hands each to who waits for it here. A subscription for each
 * command would cost the server two messages more; where there are several gateways each hears the others' results, and
 * drops them unread. Holds as many waiters as there are requests.
 */
export class ResultListener {
  readonly #waiters = new Map<string, Set<ResultWaiter>>();
  readonly #log: Logger;
  readonly #end: () => void;

  constructor(broker: Broker, log: Logger, metrics: Registry) {
    this.#log = log;
    const subscription = broker.connection.subscribe(allResults, {
      callback: (error, message) => {
        // The server refused the subscription: this is no message.
        if (error === null) this.#announced(message.subject, () => message.string());
      },
    });
    const forget = broker.onChange((connected) => {
      if (!connected) return;
      for (const waiters of [...this.#waiters.values()]) for (const waiter of waiters) waiter.reconnected();
    });
    this.#end = () => {
      forget();
      subscription.unsubscribe();
    };
    const waiters = this.#waiters;
    new Gauge({
      name: 'herald_results_awaited',
      help: 'Commands whose result is waited for by a request.',
      registers: [metrics],
      collect() {
        this.set(waiters.size);
      },
    });
  }

  /** @returns ends the waiting */
  waitFor(commandId: string, waiter: ResultWaiter): () => void {
    const waiters = this.#waiters.get(commandId) ?? new Set();
    waiters.add(waiter);
    this.#waiters.set(commandId, waiters);
    return () => {
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(commandId) === waiters) this.#waiters.delete(commandId);
    };
  }

  close(): void {
    this.#end();
  }

  #announced(subject: string, read: () => string): void {
    const commandId = commandIdOfResult(subject);
    const waiters = this.#waiters.get(commandId);
    if (waiters === undefined) return;
    try {
      const result = commandResult.parse(JSON.parse(read()));
      for (const waiter of waiters) waiter.announced(result);
    } catch (error) {
      // A result that cannot be read may come from a newer release; it is stored, and can be asked for.
      this.#log.error({ err: error, commandId }, 'a result cannot be read');
    }
  }
}
