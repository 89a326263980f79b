import { IMPORT_ERRORS, type ImportSummary } from '@herald/contracts';

/** Counts what became of the rows of a chunk, and keeps the first errors. */
export class ImportTally {
  registered = 0;
  updated = 0;
  #rejected = 0;
  #position = 0;
  readonly #errors: Array<{ line: number; message: string }> = [];

  /** The last position in the log that the chunk has written to; 0 where it has written nothing. */
  get position(): number {
    return this.#position;
  }

  appended(sequence: number): void {
    this.#position = Math.max(this.#position, sequence);
  }

  reject(line: number, message: string): void {
    this.#rejected += 1;
    this.#errors.push({ line, message });
  }

  summary(): ImportSummary {
    const errors = this.#errors.sort((a, b) => a.line - b.line).slice(0, IMPORT_ERRORS);
    return { registered: this.registered, updated: this.updated, rejected: this.#rejected, errors };
  }
}
