import { PAGE_BYTES } from '@herald/contracts';
import { type Broker, type LogRecord, loadRecord } from '@herald/event-log';
import { reachBroker } from '../reading/reach-broker.ts';
import { entryOf, type LogEntry } from './log-entry.ts';

/** So many are asked for at once: a record may have a quarter of a megabyte. */
const AT_ONCE = 8;

export interface Entries {
  /** In the order of the positions that were given. */
  readonly entries: readonly LogEntry[];
  /** Whether some were left out, because they are too large together. */
  readonly isCut: boolean;
}

/**
 * Fetches events by their positions, a few at a time, until they are {@link PAGE_BYTES} together; the first one is always there.
 *
 * @throws BrokerUnavailableError
 */
export async function readEntries(broker: Broker, positions: readonly number[]): Promise<Entries> {
  const entries: LogEntry[] = [];
  let bytes = 0;
  for (let from = 0; from < positions.length; from += AT_ONCE) {
    const some = positions.slice(from, from + AT_ONCE);
    const records = await reachBroker(broker, () =>
      Promise.all(some.map((position) => loadRecord(broker, position))),
    );
    for (const [index, record] of records.entries()) {
      if (record === null) throw missing(some[index]);
      bytes += bytesOf(record);
      if (bytes > PAGE_BYTES && entries.length > 0) return { entries, isCut: true };
      entries.push(entryOf(record));
    }
  }
  return { entries, isCut: false };
}

const bytesOf = ({ text }: LogRecord): number => Buffer.byteLength(text);

/** Nothing is ever deleted from the log: it is not the one that the statistics have read. */
const missing = (position: number | undefined): Error =>
  new Error(`nothing stands at ${position} of the log, where the statistics have read something`);
