import { type CommandResult, commandQuery } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { GatewayParts } from '../http/context.ts';
import { askService, BrokerUnavailableError } from '../reading/reach-broker.ts';

/**
 * The stored result of a command; `null` when there is none, and also when nobody can say.
 *
 * @param upToDate waits for what has just been carried out; without it that may be missing
 */
export async function findStoredResult(
  parts: GatewayParts,
  commandId: string,
  upToDate = false,
): Promise<CommandResult | null> {
  try {
    return (await askService(parts, commandQuery, { commandId, upToDate })).result;
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
  readonly #stopWaiting: () => void;

  constructor(parts: GatewayParts, commandId: string) {
    this.#parts = parts;
    this.#commandId = commandId;
    // Whoever stops waiting has not failed to handle it.
    this.#settle.promise.catch(() => {});
    this.#stopWaiting = parts.results.waitFor(commandId, {
      announced: (result) => this.#settle.resolve(result),
      reconnected: () => this.lookUp(),
    });
  }

  /** Settles with the result; rejects only where `fail` was called. */
  get result(): Promise<CommandResult> {
    return this.#settle.promise;
  }

  /** Asks whether a result is stored. Where nobody can say, the announcement is waited for. */
  lookUp(): void {
    findStoredResult(this.#parts, this.#commandId, true).then(
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
    this.#stopWaiting();
  }
}
