import { emptyImport } from './empty-import.ts';
import type { ImportRecord, RecordReader } from './import-record.ts';
import type { TextLine } from './text-lines.ts';

/** A JSON value a line; empty lines count for nothing. */
export class NdjsonReader implements RecordReader<TextLine> {
  #empty = true;

  read(lines: readonly TextLine[]): ImportRecord[] {
    const records: ImportRecord[] = [];
    for (const line of lines) {
      if ('fault' in line) records.push(line);
      else if (line.text.trim() !== '') records.push(readJson(line.line, line.text));
    }
    if (records.length > 0) this.#empty = false;
    return records;
  }

  end(): ImportRecord[] {
    if (this.#empty) throw emptyImport();
    return [];
  }
}

function readJson(line: number, text: string): ImportRecord {
  try {
    return { line, value: JSON.parse(text), text };
  } catch (error) {
    if (error instanceof SyntaxError) return { line, fault: 'is not JSON', text };
    throw error;
  }
}
