import { cutRecord, type HeraldEvent, NewerEventError, parseEvent } from '@herald/contracts';
import type { LogRecord } from '@herald/event-log';

/** An event with the place where it stands. */
export interface FoldedEvent {
  readonly record: LogRecord;
  readonly event: HeraldEvent;
}

/**
 * How many characters one transaction takes of what was read: twice as many where so much waits behind it that nobody can
 * be looking at the last steps. A transaction costs six round trips, however much it holds.
 *
 * @param read in order, with what waited behind each
 */
export function chunkSize(read: readonly LogRecord[], chunkEvents: number, characters: number): number {
  const waiting = read.at(-1)?.pending ?? 0;
  return waiting >= chunkEvents ? 2 * characters : characters;
}

/** Cuts records into runs of at most so many characters, in order; a record that is longer stands alone. */
export function* cutBySize(
  records: readonly LogRecord[],
  characters: number,
): Generator<readonly LogRecord[]> {
  let first = 0;
  let size = 0;
  for (const [index, record] of records.entries()) {
    if (index > first && size + record.text.length > characters) {
      yield records.slice(first, index);
      first = index;
      size = 0;
    }
    size += record.text.length;
  }
  if (first < records.length) yield records.slice(first);
}

/** The id of the event that a record holds; `null` where it cannot be read. */
export function eventIdOf({ text }: LogRecord): string | null {
  try {
    return parseEvent(text).id;
  } catch {
    return null;
  }
}

/** A record that is not folded, with the reason. */
export interface UnfoldedRecord {
  readonly record: LogRecord;
  readonly error: unknown;
}

/** What can be read of some records, up to the first that only a newer release can read. */
export interface ParsedRecords {
  readonly readable: readonly FoldedEvent[];
  /** Does not fit the catalogue, and never will. */
  readonly unreadable: readonly UnfoldedRecord[];
  readonly newer: UnfoldedRecord | null;
}

export function parseAll(records: readonly LogRecord[]): ParsedRecords {
  const readable: FoldedEvent[] = [];
  const unreadable: UnfoldedRecord[] = [];
  for (const record of records) {
    try {
      readable.push({ record, event: parseEvent(record.text) });
    } catch (error) {
      if (error instanceof NewerEventError) return { readable, unreadable, newer: { record, error } };
      // Of several outcomes in a record those that can be read count; the record is parked for the others.
      const alone = parseAll(cutRecord(record.text).map((text) => ({ ...record, text })));
      readable.push(...alone.readable);
      unreadable.push({ record, error: alone.unreadable[0]?.error ?? error });
    }
  }
  return { readable, unreadable, newer: null };
}
