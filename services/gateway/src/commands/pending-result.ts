import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, type CommandResult, commandQuery, eventSubjectOf } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { z } from 'zod';
import type { GatewayDependencies } from '../http/context.ts';
import { askService, BrokerUnavailableError } from '../reading/reach-broker.ts';

type CommandQuestion = z.infer<typeof commandQuery.request>;

/**
 * The result of a command; `null` where it was not carried out, or, if the question does not ask for what is up to date,
 * where that was just now.
 *
 * @throws QueryUnavailableError, BrokerUnavailableError where nobody can say
 */
export const askForResult = async (
  dependencies: GatewayDependencies,
  question: CommandQuestion,
): Promise<CommandResult | null> =>
  // Said, since a mailing service of an earlier release takes it for false.
  (await askService(dependencies, commandQuery, { upToDate: true, ...question })).result;

/** The result of a command; `null` where it was not carried out, and also where nobody can say. */
export async function findStoredResult(
  dependencies: GatewayDependencies,
  question: CommandQuestion,
): Promise<CommandResult | null> {
  try {
    return await askForResult(dependencies, question);
  } catch (error) {
    if (isUnavailable(error)) return null;
    throw error;
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof QueryUnavailableError || error instanceof BrokerUnavailableError;

/** Where nobody can say it is asked again after this, milliseconds. */
const ASK_AGAIN_MS = 400;

/**
 * The result of a command as {@link askForResult} gives it, asked for until somebody can say.
 *
 * @param signal ends the asking, once a question under way is answered
 * @throws QueryUnavailableError, BrokerUnavailableError where the signal aborts before somebody can say
 */
export async function askUntilSaid(
  dependencies: GatewayDependencies,
  question: CommandQuestion,
  signal: AbortSignal,
): Promise<CommandResult | null> {
  for (;;) {
    try {
      return await askForResult(dependencies, question);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      // The end of the waiting is no error of its own.
      await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw error;
    }
  }
}

/** Made once: without a reason each end makes an exception with a stack, 50 µs of every command. */
const CLOSED = new Error('the result is not waited for any more');

/**
 * The result of one command, from wherever it comes first: its announcement, or the stored result where an
 * announcement may have passed unheard (before we listened, or while the connection was lost). To be made before the
 * command is published, and always to be closed.
 */
export class PendingResult {
  readonly #dependencies: GatewayDependencies;
  readonly #question: CommandQuestion;
  readonly #closing = new AbortController();
  readonly #settle = Promise.withResolvers<CommandResult>();
  readonly #stopWaiting: () => void;

  constructor(dependencies: GatewayDependencies, command: Command) {
    this.#dependencies = dependencies;
    const subject = eventSubjectOf(command);
    // What is about no one entity is stored before it is answered, so there is nothing to wait for.
    this.#question = { commandId: command.id, ...(subject === null ? { upToDate: false } : { subject }) };
    // Whoever stops waiting has not failed to handle it.
    this.#settle.promise.catch(() => {});
    this.#stopWaiting = dependencies.results.waitFor(command.id, {
      announced: (result) => this.#settle.resolve(result),
      reconnected: () => this.lookUp(),
    });
  }

  /** Settles with the result; rejects only where `fail` was called. */
  get result(): Promise<CommandResult> {
    return this.#settle.promise;
  }

  /**
   * Asks whether it was carried out, until somebody can say: where it was, nobody announces it any more. Where it was not,
   * the announcement is waited for.
   */
  lookUp(): void {
    this.#ask().catch((error) => this.fail(error));
  }

  async #ask(): Promise<void> {
    const { signal } = this.#closing;
    try {
      const result = await askUntilSaid(this.#dependencies, this.#question, signal);
      if (result !== null) this.#settle.resolve(result);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** There will be no result: the command itself could not be placed. */
  fail(error: unknown): void {
    this.#settle.reject(error);
  }

  close(): void {
    this.#closing.abort(CLOSED);
    this.#stopWaiting();
  }
}
