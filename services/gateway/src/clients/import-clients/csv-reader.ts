import { trimBlanks } from '@herald/domain';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { isAttribute, ORIGINAL, readHeader } from './csv-header.ts';
import { findSeparator, nameOfSeparator, readSeparatorLine, type Separator } from './csv-separator.ts';
import { emptyImport } from './empty-import.ts';
import type { ImportRecord, RecordReader } from './import-record.ts';
import type { TextLine } from './text-lines.ts';

/** A quoted value may go on over so many lines and characters; a quote that is not closed by then never will be. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 32 * 1_024;

type ReadLine = Exclude<TextLine, { fault: string }>;

/**
 * CSV after RFC 4180, with a header row, in which the separator is found where no line `sep=` names it. csv-parse reads whatever has quotes in it, record by record: as a stream it
 * would let one broken quote swallow everything up to the next one, and a bad line must stop nothing else. Where a
 * quote is broken only the line it stands in is given up, and reading goes on with the next.
 */
export class CsvReader implements RecordReader<TextLine> {
  #columns: readonly string[] | undefined;
  /** Null where the header row has none: then it is one name, and the comma is as good as any. */
  #separator: Separator | null | undefined;
  #held: ReadLine[] = [];
  #heldCharacters = 0;
  #openQuote = false;

  /** @throws ProblemError when the header row does not fit: nothing was accepted then */
  read(lines: readonly TextLine[]): ImportRecord[] {
    const records: ImportRecord[] = [];
    // What is given back after a broken quote is read again before the rest.
    const todo = lines.toReversed();
    for (let line = todo.pop(); line !== undefined; line = todo.pop()) {
      if ('fault' in line) this.#giveUp(todo, records);
      this.#readLine(line, todo, records);
    }
    return records;
  }

  end(): ImportRecord[] {
    const records: ImportRecord[] = [];
    while (this.#held.length > 0) {
      const todo: TextLine[] = [];
      this.#giveUp(todo, records);
      records.push(...this.read(todo.toReversed()));
    }
    if (this.#columns === undefined) throw emptyImport();
    return records;
  }

  #readLine(line: TextLine, todo: TextLine[], records: ImportRecord[]): void {
    if ('fault' in line) {
      this.#emit(line, records);
      return;
    }
    const { text } = line;
    if (this.#separator === undefined) {
      if (text.trim() === '') return;
      const named = readSeparatorLine(text);
      this.#separator = named ?? findSeparator(text);
      if (named !== null) return;
    }
    const separator = this.#separator ?? ',';
    const quoted = text.includes('"');
    if (!quoted && !this.#openQuote) {
      if (text.trim() !== '') this.#emit({ line: line.line, value: text.split(separator), text }, records);
      return;
    }
    this.#held.push(line);
    this.#heldCharacters += text.length;
    if (quoted && (text.split('"').length - 1) % 2 === 1) this.#openQuote = !this.#openQuote;
    if (!this.#openQuote) this.#readHeld(todo, records);
    else if (this.#held.length >= MOST_LINES || this.#heldCharacters > MOST_CHARACTERS) {
      this.#giveUp(todo, records);
    }
  }

  /** Every quote in the held lines has its partner: they are one record, or a quote stands where none may. */
  #readHeld(todo: TextLine[], records: ImportRecord[]): void {
    const first = this.#held[0];
    const text = this.#held.map((held) => held.text).join('\n');
    const fields = parseRecord(text, this.#separator ?? ',');
    if (first === undefined || fields === null) {
      this.#giveUp(todo, records);
      return;
    }
    this.#letGo();
    this.#emit({ line: first.line, value: fields, text }, records);
  }

  /** The first of the held lines is bad; the others are read again, each for itself. */
  #giveUp(todo: TextLine[], records: ImportRecord[]): void {
    const [first, ...others] = this.#letGo();
    if (first === undefined) return;
    todo.push(...others.toReversed());
    this.#emit(
      {
        line: first.line,
        fault: 'has a quote that is not closed or stands in the wrong place',
        text: first.text,
      },
      records,
    );
  }

  #letGo(): ReadLine[] {
    const held = this.#held;
    this.#held = [];
    this.#heldCharacters = 0;
    this.#openQuote = false;
    return held;
  }

  #emit(record: ReadRow | Extract<TextLine, { fault: string }>, records: ImportRecord[]): void {
    if (this.#columns === undefined) {
      this.#columns = readHeader(record, this.#separator ?? null);
    } else if ('fault' in record) {
      records.push(record);
    } else {
      records.push(nameFields(record, this.#columns, this.#separator ?? ','));
    }
  }
}

/** One record of the file, cut into its fields, and as it stood there. */
interface ReadRow {
  readonly line: number;
  readonly value: string[];
  readonly text: string;
}

/** The fields of one record; `null` where its quotes do not fit. */
function parseRecord(text: string, delimiter: Separator): string[] | null {
  try {
    const records: string[][] = parse(text, {
      delimiter,
      relax_column_count: true,
      record_delimiter: ['\n'],
      // Blanks around quotes.
      trim: true,
    });
    return records.length === 1 ? (records[0] ?? null) : null;
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

/** Columns that may be left empty: an empty field says nothing about them. */
const OPTIONAL = new Set(['operatorCode', 'tag']);

/** Blanks around a value are no part of it, and empty fields behind the last column are none. */
function nameFields(
  { line, value, text }: ReadRow,
  columns: readonly string[],
  separator: Separator,
): ImportRecord {
  const fields = value.map(trimBlanks);
  while (fields.length > columns.length && fields.at(-1) === '') fields.pop();
  if (fields.length !== columns.length) {
    const found = `the separator is a ${nameOfSeparator(separator)}`;
    return {
      line,
      fault: `has ${fields.length} fields, the header row has ${columns.length} (${found})`,
      text,
    };
  }
  const named = columns.map((column, index) => [column, fields[index] ?? ''] as const);
  const original = named.find(([name]) => name === ORIGINAL)?.[1] ?? '';
  return {
    line,
    value: Object.fromEntries(
      named.filter(([name, field]) => isAttribute(name) && (field !== '' || !OPTIONAL.has(name))),
    ),
    ...(original === '' ? {} : { original }),
  };
}
