import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from 'pg';

/** How long the statements of the work under way may take, milliseconds. */
const limits = new AsyncLocalStorage<number>();

/**
 * Runs work whose statements must be answered in time. Where one is not, its connection counts as dead and is closed, and
 * the statement fails as in an outage. The server's own limit cannot do that: over a connection that a network has
 * swallowed nobody hears of it, and TCP itself gives up after a quarter of an hour.
 *
 * @param ms for each statement, milliseconds; 0: as long as it takes
 */
export const answeredWithin = <Result>(ms: number, work: () => Promise<Result>): Promise<Result> =>
  limits.run(ms, work);

/**
 * Closes a connection that leaves a statement unanswered for too long.
 *
 * @param otherwiseMs the limit of statements for which {@link answeredWithin} says none, milliseconds
 */
export function closeWhenSilent(client: Client, otherwiseMs: number): void {
  const query: (...args: unknown[]) => unknown = client.query.bind(client);
  const timed = (...args: unknown[]): unknown => {
    const answer = query(...args);
    const ms = limits.getStore() ?? otherwiseMs;
    if (ms === 0 || !(answer instanceof Promise)) return answer;
    const timer = setTimeout(() => {
      client.connection.stream.destroy(new Error(`the database connection was silent for ${ms} ms`));
    }, ms);
    const clear = (): void => clearTimeout(timer);
    answer.then(clear, clear);
    return answer;
  };
  Object.assign(client, { query: timed });
}
