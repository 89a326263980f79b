import type { JournalEntry } from './entry.ts';
import { EntryChunk } from './entry-chunk.ts';

const DEFAULT_CHUNK_SIZE = 8_192;
const REMEMBERED_TEXTS = 1_000;

/** Which entries to look at: those after a sequence, of one message id or (null) of all, and how many at most. */
export interface EntryFilter {
  readonly after: number;
  readonly messageId: number | null;
  readonly limit: number;
}

/**
 * Entries by sequence, without gaps. Above `limit` entries the oldest are dropped, a chunk at a time, so at
 * least `limit` of the newest are always there.
 */
export class EntryStore {
  readonly #limit: number;
  readonly #chunkSize: number;
  #chunks: EntryChunk[] = [];
  #lastSequence = 0;
  // Equal texts share one string: a mailing sends the same one to everybody.
  readonly #texts = new Map<string, string>();

  constructor(limit: number, chunkSize = DEFAULT_CHUNK_SIZE) {
    this.#limit = limit;
    this.#chunkSize = chunkSize;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** The entry's sequence must follow the last one, except in an empty store. */
  append(entry: JournalEntry): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length === this.#chunkSize) {
      chunk = new EntryChunk(entry.sequence, this.#chunkSize);
      this.#chunks.push(chunk);
      const kept = (this.#chunks.length - 2) * this.#chunkSize;
      if (kept >= this.#limit) this.#chunks.shift();
    }
    chunk.append({ ...entry, text: this.#shared(entry.text) });
    this.#lastSequence = entry.sequence;
  }

  /** False where the entry has been dropped or forgotten. */
  markResponded(sequence: number, at: number): boolean {
    const chunk = this.#chunkOf(sequence);
    chunk?.markResponded(sequence - chunk.firstSequence, at);
    return chunk !== undefined;
  }

  /** False where the entry has been dropped or forgotten. */
  markAborted(sequence: number): boolean {
    const chunk = this.#chunkOf(sequence);
    chunk?.markAborted(sequence - chunk.firstSequence);
    return chunk !== undefined;
  }

  /** Walks in order of sequence; entries dropped while somebody walks are left out. */
  *walk({ after, messageId, limit }: EntryFilter): Generator<JournalEntry> {
    let left = limit;
    let next = after + 1;
    const end = this.#lastSequence;
    while (next <= end) {
      const chunk = this.#chunkOf(next) ?? this.#chunks.find((other) => other.firstSequence > next);
      if (chunk === undefined) return;
      const stop = Math.min(chunk.firstSequence + chunk.length - 1, end);
      for (next = Math.max(next, chunk.firstSequence); next <= stop; next += 1) {
        const index = next - chunk.firstSequence;
        if (messageId !== null && !chunk.isAbout(index, messageId)) continue;
        yield chunk.read(index);
        left -= 1;
        if (left <= 0) return;
      }
    }
  }

  /** Forgets all entries; sequences go on, so that none is ever used for two requests. */
  clear(): void {
    this.#chunks = [];
    this.#texts.clear();
  }

  #chunkOf(sequence: number): EntryChunk | undefined {
    const first = this.#chunks[0];
    if (first === undefined || sequence < first.firstSequence || sequence > this.#lastSequence)
      return undefined;
    return this.#chunks[Math.floor((sequence - first.firstSequence) / this.#chunkSize)];
  }

  #shared(text: string | null): string | null {
    if (text === null) return null;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= REMEMBERED_TEXTS) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
