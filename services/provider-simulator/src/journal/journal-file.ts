import { closeSync, fchmodSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { JournalEntry } from './entry.ts';

const OWNER_ONLY = 0o600;

/**
 * The journal on disk, a JSON document a line. Lines are handed to the operating system before the request is
 * answered, so they survive a killed process (not a power cut: nothing is synced).
 */
export class JournalFile {
  readonly #descriptor: number;
  #size: number;

  /**
   * @param size bytes of whole lines in the file; whatever stands behind them, a torn line, is cut off
   * @throws where the file cannot be opened for writing
   */
  constructor(path: string, size: number) {
    this.#descriptor = openSync(path, 'a', OWNER_ONLY);
    // It holds phones and texts, and earlier releases left it open to everybody.
    fchmodSync(this.#descriptor, OWNER_ONLY);
    this.#size = size;
    ftruncateSync(this.#descriptor, size);
  }

  appendEntry({ respondedAt: _respondedAt, aborted: _aborted, ...known }: JournalEntry): void {
    this.#append(known);
  }

  /** A second line about an entry: that the client left is known only later. */
  appendAborted(sequence: number): void {
    this.#append({ sequence, aborted: true });
  }

  truncate(): void {
    ftruncateSync(this.#descriptor, 0);
    this.#size = 0;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(line: object): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      // A full disk: without this the next line would be glued to the half that was written.
      ftruncateSync(this.#descriptor, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }
}
