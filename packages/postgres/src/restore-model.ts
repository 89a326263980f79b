import { setTimeout as sleep } from 'node:timers/promises';
import type { FoldOptions } from './fold-options.ts';
import { goneRelation, isThere } from './outage.ts';

/** How long a fold waits before it tries again what has failed, milliseconds. */
export const RETRY_MS = 500;

/**
 * Has the tables made that are missing. Where a single one is gone that counts as made, it waits for an operator. Ends when
 * they are there, or with the signal.
 *
 * @param halted told each time that a table is gone alone; answers whether that is news
 */
export async function restoreModel<Tables>(
  { prepare, database, schema, name, log }: FoldOptions<Tables>,
  error: Error,
  signal: AbortSignal,
  halted: (reason: string) => boolean,
): Promise<void> {
  const relation = goneRelation(error);
  while (!signal.aborted) {
    try {
      await prepare();
      if (relation === null || (await isThere(database, relation))) {
        log.warn({ fold: name, schema, relation }, 'tables of the model were gone and are there again');
        return;
      }
      const advice = `bring it back, or drop the schema ${schema}, and the model is made anew`;
      const reason = `the table ${relation} is gone alone: ${advice}`;
      if (halted(reason)) log.error({ fold: name, schema, relation }, reason);
    } catch (cause) {
      log.warn({ err: cause, fold: name, schema }, 'the tables of the model cannot be made yet');
    }
    await sleep(RETRY_MS);
  }
}
