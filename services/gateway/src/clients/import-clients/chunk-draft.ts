import { IMPORT_CHUNK, type ImportRow, type RejectedLine } from '@herald/contracts';

/** Bad lines of one chunk take no more than this, unless there is but one: a command must fit a message. Bytes of JSON. */
const MOST_BAD_BYTES = 64 * 1_024;

/** What has gathered for the next chunk of an import: rows, and between them lines that were rejected. */
export class ChunkDraft {
  #rows: ImportRow[] = [];
  #badLines: RejectedLine[] = [];
  #badBytes = 0;

  get hasRoomForRow(): boolean {
    return this.#rows.length < IMPORT_CHUNK;
  }

  hasRoomForBadLine(bytes: number): boolean {
    if (this.#badLines.length === 0) return true;
    return this.#badLines.length < IMPORT_CHUNK && this.#badBytes + bytes <= MOST_BAD_BYTES;
  }

  addRow(row: ImportRow): void {
    this.#rows.push(row);
  }

  addBadLine(line: RejectedLine, bytes: number): void {
    this.#badLines.push(line);
    this.#badBytes += bytes;
  }

  /** Takes out what has gathered; the next one begins empty. */
  take(): { readonly rows: ImportRow[]; readonly badLines: RejectedLine[] } {
    const taken = { rows: this.#rows, badLines: this.#badLines };
    this.#rows = [];
    this.#badLines = [];
    this.#badBytes = 0;
    return taken;
  }
}
