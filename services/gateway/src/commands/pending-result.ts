import { type CommandResult, commandQuery, commandResult, resultSubject } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { GatewayParts } from '../http/context.ts';
import { askService, BrokerUnavailableError } from '../reading/reach-broker.ts';

/** The stored result of a command; `null` when there is none, and also when nobody can say. */
export async function findStoredResult(
  parts: GatewayParts,
  commandId: string,
): Promise<CommandResult | null> {
  try {
    return (await askService(parts, commandQuery, { commandId })).result;
  } catch (error) {
    if (error instanceof QueryUnavailableError || error instanceof BrokerUnavailableError) return null;
    throw error;
  }
}

/**
 * The result of one command, from wherever it comes first: its announcement, or the stored result where an
 * announcement may have passed unheard (before we listened, or while the connection was lost). To be made before the
 * command is published, and always to be closed.
 */
export class PendingResult {
  readonly #parts: GatewayParts;
  readonly #commandId: string;
  readonly #settle = Promise.withResolvers<CommandResult>();
  readonly #unsubscribe: () => void;

  constructor(parts: GatewayParts, commandId: string) {
    this.#parts = parts;
    this.#commandId = commandId;
    // Whoever stops waiting has not failed to handle it.
    this.#settle.promise.catch(() => {});
    const subscription = parts.broker.connection.subscribe(resultSubject(commandId), {
      callback: (error, message) => {
        // The server refused the subscription: this is no message.
        if (error === null) this.#announced(message.string());
      },
    });
    const forget = parts.broker.onChange((connected) => {
      if (connected) this.lookUp();
    });
    this.#unsubscribe = () => {
      forget();
      subscription.unsubscribe();
    };
  }

  /** Settles with the result; rejects only where `fail` was called. */
  get result(): Promise<CommandResult> {
    return this.#settle.promise;
  }

  /** Asks whether a result is stored. Where nobody can say, the announcement is waited for. */
  lookUp(): void {
    findStoredResult(this.#parts, this.#commandId).then(
      (result) => {
        if (result !== null) this.#settle.resolve(result);
      },
      (error) => this.fail(error),
    );
  }

  /** There will be no result: the command itself could not be placed. */
  fail(error: unknown): void {
    this.#settle.reject(error);
  }

  close(): void {
    this.#unsubscribe();
  }

  #announced(text: string): void {
    try {
      this.#settle.resolve(commandResult.parse(JSON.parse(text)));
    } catch (error) {
      // A result that cannot be read may come from a newer release; it is stored, and can be asked for.
      this.#parts.log.error({ err: error, commandId: this.#commandId }, 'a result cannot be read');
    }
  }
}
