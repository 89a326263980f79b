import type { ReadOptions } from '@herald/event-log';
import type { FoldOptions } from './fold-options.ts';

/** How a fold reads the log from a position on. */
export function readingOf<Tables>(
  { name, filter, chunkEvents, readBytes, gatherMs = 0, gatherFrom = 1, unhurried, log }: FoldOptions<Tables>,
  startSequence: number,
  signal: AbortSignal,
  onPending: (pending: number) => void,
): ReadOptions {
  return {
    filter,
    startSequence,
    chunkRecords: chunkEvents,
    ...(readBytes === undefined ? {} : { chunkBytes: readBytes }),
    // What gathers while the fold rests need not be sent one by one.
    inBursts: gatherMs > 0 && gatherFrom === 1,
    ...(unhurried === undefined ? {} : { unhurried }),
    signal,
    onPending,
    say: (event, details) => log.info({ ...details, fold: name }, event),
  };
}
