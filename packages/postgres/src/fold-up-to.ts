import { readLog } from '@herald/event-log';
import { readCheckpoint } from './checkpoint.ts';
import { cutBySize, type FoldedEvent } from './chunk.ts';
import { commitChunk } from './commit-chunk.ts';
import type { FoldOptions } from './fold-options.ts';
import { NewerRecordError } from './newer-record.ts';

const CHUNK_CHARACTERS = 4 * 1024 * 1024;

/**
 * Folds what stands in the log behind a model, up to exactly one position, and no further: a model that nobody else folds
 * meanwhile.
 *
 * @param position of an event that the fold's filter matches; where the model is there or beyond, nothing is done
 * @param most how many events may stand between them at most
 * @returns the events that were folded; `null`, with less folded, where there are more
 * @throws what a fold is interrupted by
 */
export async function foldUpTo<Tables>(
  options: FoldOptions<Tables>,
  position: number,
  most: number,
): Promise<readonly FoldedEvent[] | null> {
  const { broker, database, name, filter, chunkEvents } = options;
  let checkpoint = await readCheckpoint(database, name, broker);
  const folded: FoldedEvent[] = [];
  const reading = new AbortController();
  const { signal } = reading;
  const wanted = { filter, startSequence: checkpoint.sequence + 1, chunkRecords: chunkEvents, signal };
  if (checkpoint.sequence >= position) return folded;
  try {
    for await (const read of readLog(broker, wanted)) {
      const records = read.filter(({ sequence }) => sequence <= position);
      for (const chunk of cutBySize(records, CHUNK_CHARACTERS)) {
        const { checkpoint: next, events, newer } = await commitChunk(options, checkpoint, chunk);
        if (newer !== null) throw new NewerRecordError(newer);
        checkpoint = next;
        folded.push(...events);
      }
      if (checkpoint.sequence >= position || records.length < read.length) return folded;
      if (folded.length > most) return null;
    }
  } finally {
    reading.abort();
  }
  return folded;
}
