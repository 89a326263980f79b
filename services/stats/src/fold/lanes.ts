import { type Fold, type FoldedEvent, startFold } from '@herald/postgres';
import type { Runtime } from '@herald/service-kit';
import type { Tables } from '../database/tables.ts';
import type { Generation } from '../generations/generation.ts';
import { applyEvents } from './apply-events.ts';
import { filterOf, laneName } from './lane-names.ts';

/**
 * Nobody waits for the statistics of a single event. A chunk costs as much as some hundred outcomes in it, most of that for
 * its round trips: at 4,000 outcomes a second the fold takes three times the processor with 25 ms (docs/adr/0036).
 */
const GATHER_MS = 100;

const CHUNK_EVENTS = 2_000;
/** A record holds up to 250 outcomes: this bounds what a chunk takes in memory. */
const CHUNK_CHARACTERS = 256 * 1024;
/** All lanes of an instance read so many bytes at a time together, and hold twice as many: a record may have 100 kB. */
const READ_BYTES = 4 * 1024 * 1024;

/** The folds of a generation in an instance, one for each lane. */
export type Lanes = ReadonlyMap<number, Fold>;

/**
 * Starts a fold for each lane of a generation. Every instance tries for every lane, and each lane is folded by whoever has
 * its lock; when one instance dies the others take its lanes over. Which instance has how many is left to who comes first.
 *
 * @param onCommitted told of what a lane of this instance has folded. Must not throw
 */
export function startLanes(
  runtime: Runtime,
  { schema, lanes: count, database, prepare }: Generation,
  databaseUrl: string,
  onCommitted: (events: readonly FoldedEvent[]) => void,
): Lanes {
  const lanes = new Map<number, Fold>();
  for (let lane = 0; lane < count; lane += 1) {
    const fold = startFold<Tables>({
      name: laneName(lane),
      schema,
      filter: filterOf(lane, count),
      broker: runtime.broker,
      database,
      databaseUrl,
      log: runtime.log,
      chunkEvents: CHUNK_EVENTS,
      chunkCharacters: CHUNK_CHARACTERS,
      readBytes: Math.floor(READ_BYTES / count),
      gatherMs: GATHER_MS,
      prepare,
      apply: (transaction, events) => applyEvents(transaction, lane, events),
      onCommitted,
    });
    lanes.set(lane, fold);
  }
  return lanes;
}
