import type { messageHistoryEntry } from '@herald/contracts';
import type { z } from 'zod';

/** One thing that happened to a message, as it is answered, and what only decisions look at. */
export interface HistoryEntry extends z.infer<typeof messageHistoryEntry> {
  /** Of a call that did not end the message: whether the provider said no, or nobody knows. */
  readonly answer: 'refused' | 'lost' | null;
}

/** How many entries a history holds, and how much they may take as JSON: a reply must fit a message of the broker. */
const MOST_ENTRIES = 1_000;
const MOST_BYTES = 640 * 1_024;

/** What happened to one message: the first things and the newest ones. What is left out between them stands in the log. */
export class History {
  readonly #entries: HistoryEntry[] = [];
  #bytes = 0;

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  add(entry: HistoryEntry): void {
    this.#entries.push(entry);
    this.#bytes += bytesOf(entry);
    while (this.#entries.length > MOST_ENTRIES || (this.#bytes > MOST_BYTES && this.#entries.length > 2)) {
      const [left] = this.#entries.splice(this.#entries.length >> 1, 1);
      this.#bytes -= left === undefined ? 0 : bytesOf(left);
    }
  }
}

const bytesOf = (entry: HistoryEntry): number => Buffer.byteLength(JSON.stringify(entry));
