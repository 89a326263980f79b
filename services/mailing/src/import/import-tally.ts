import { IMPORT_ERRORS, type ImportRow, type ImportSummary, type RejectedLine } from '@herald/contracts';

/** Counts what became of the rows of a chunk, and keeps those that were rejected. */
export class ImportTally {
  registered = 0;
  updated = 0;
  #position = 0;
  readonly #rejected: RejectedLine[] = [];

  /** The last position in the log that the chunk has written to; 0 where it has written nothing. */
  get position(): number {
    return this.#position;
  }

  /** In the order of the lines. */
  get rejected(): readonly RejectedLine[] {
    return this.#rejected.toSorted((a, b) => a.line - b.line);
  }

  appended(sequence: number): void {
    this.#position = Math.max(this.#position, sequence);
  }

  reject(row: ImportRow, reason: string): void {
    this.#rejected.push({ ...row, reason });
  }

  summary(): ImportSummary {
    const errors = this.rejected
      .slice(0, IMPORT_ERRORS)
      .map(({ line, reason: message }) => ({ line, message }));
    return { registered: this.registered, updated: this.updated, rejected: this.#rejected.length, errors };
  }
}
