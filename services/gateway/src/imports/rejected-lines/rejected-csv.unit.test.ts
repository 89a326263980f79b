import type { RejectedLine } from '@herald/contracts';
import { trimBlanks } from '@herald/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CheckedRow, checkRow } from '../../clients/import-clients/check-row.ts';
import { CsvReader } from '../../clients/import-clients/csv-reader.ts';
import type { ImportRecord, RecordReader } from '../../clients/import-clients/import-record.ts';
import { NdjsonReader } from '../../clients/import-clients/ndjson-reader.ts';
import { rejectedLineOf } from '../../clients/import-clients/rejected-line.ts';
import { readLines, type TextLine } from '../../clients/import-clients/text-lines.ts';
import { REJECTED_HEADER, rejectedCsvLine } from './rejected-csv.ts';

async function recordsOf(text: string | Uint8Array, reader: RecordReader<TextLine>): Promise<ImportRecord[]> {
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  const records: ImportRecord[] = [];
  for await (const lines of readLines(source)) records.push(...reader.read(lines));
  return [...records, ...reader.end()];
}

interface Imported {
  readonly taken: CheckedRow[];
  readonly rejected: RejectedLine[];
}

async function importOf(text: string | Uint8Array, reader: RecordReader<TextLine>): Promise<Imported> {
  const imported: Imported = { taken: [], rejected: [] };
  for (const record of await recordsOf(text, reader)) {
    const checked = checkRow(record);
    if ('row' in checked) imported.taken.push(checked);
    else imported.rejected.push(rejectedLineOf(record, checked.error.message));
  }
  return imported;
}

const fileOf = (lines: readonly RejectedLine[]): string =>
  REJECTED_HEADER + lines.map(rejectedCsvLine).join('');

test('a line stands there with its number, its reason, and its values under their names', () => {
  const line = { line: 7, reason: 'phone: is bad, "very"', phone: '123', timezone: 'UTC', tag: 'a;b' };
  expect(fileOf([line])).toBe(
    'line,reason,phone,timezone,operatorCode,tag,original\r\n7,"phone: is bad, ""very""",123,UTC,,"a;b",\r\n',
  );
});

test('what a spreadsheet may take for a formula is quoted and not changed', () => {
  expect(rejectedCsvLine({ line: 1, reason: 'x', tag: '=1+1' })).toContain(',"=1+1",');
});

test('a file that was mended is imported whole, also where lines had to be told as they stood', async () => {
  const csv =
    'phone,timezone,tag\n8916,UTC,a\n79161234567,Mars,"b, c"\n79161234568,UTC,d,e\n79161234569,UTC,"f\n';
  const { rejected } = await importOf(csv, new CsvReader());
  expect(rejected).toMatchObject([
    { line: 2, phone: '8916', tag: 'a' },
    { line: 3, timezone: 'Mars', tag: 'b, c' },
    { line: 4, original: '79161234568,UTC,d,e' },
    { line: 5, original: '79161234569,UTC,"f' },
  ]);
  const mended = fileOf(rejected)
    .replace(',8916,', ',79161234566,')
    .replace('Mars', 'Europe/Moscow')
    .replace(/^4,.*$/m, '4,,79161234568,UTC,,"d, e","79161234568,UTC,d,e"')
    .replace(/^5,.*$/m, '5,,79161234569,UTC,,f,');
  const again = await importOf(mended, new CsvReader());
  expect(again.rejected).toEqual([]);
  expect(again.taken).toEqual([
    { row: { line: 2, phone: '79161234566', timezone: 'UTC', tag: 'a' } },
    { row: { line: 3, phone: '79161234567', timezone: 'Europe/Moscow', tag: 'b, c' } },
    { row: { line: 4, phone: '79161234568', timezone: 'UTC', tag: 'd, e' } },
    { row: { line: 5, phone: '79161234569', timezone: 'UTC', tag: 'f' } },
  ]);
});

test('also as Excel saves it: with semicolons, and in Unicode text', async () => {
  const semicolons =
    'line;reason;phone;timezone;operatorCode;tag;original\r\n7;"a, b";79161234567;UTC;;vip;\r\n';
  for (const file of [semicolons, Buffer.from(`\ufeff${semicolons.replaceAll(';', '\t')}`, 'utf16le')]) {
    expect((await importOf(file, new CsvReader())).taken).toEqual([
      { row: { line: 2, phone: '79161234567', timezone: 'UTC', tag: 'vip' } },
    ]);
  }
});

/** Reasons and values that count: a file that comes back rejected must be the same but for the numbers of its lines. */
const withoutLines = (lines: readonly RejectedLine[]) =>
  lines.map(({ line: _line, reason: _reason, ...values }) => values);

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', ' ', '=', 'a', '\u2028'), maxLength: 8 }),
  fc.constantFrom('79161234567', 'UTC', 'Mars', '123', ''),
);
const csvLine = fc
  .array(cell, { minLength: 1, maxLength: 4 })
  .map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join());
const junk = fc.oneof(csvLine, fc.string({ unit: 'binary', maxLength: 30 }));

test('whatever is rejected of a CSV file is rejected with the same values when its file is imported as it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(junk, { maxLength: 20 }), async (lines) => {
      const { rejected } = await importOf(`phone,timezone,tag\n${lines.join('\n')}`, new CsvReader());
      const again = await importOf(fileOf(rejected), new CsvReader());
      expect(again.taken).toEqual([]);
      // Blanks around a value are no part of it, and a carriage return in one ends a line as a line feed does.
      expect(withoutLines(again.rejected)).toEqual(withoutLines(rejected).map(asRead));
    }),
  );
});

const value = fc.oneof(
  fc.record(
    {
      phone: fc.oneof(cell, fc.integer()),
      timezone: cell,
      tag: fc.oneof(cell, fc.constant(null)),
      other: fc.anything(),
    },
    { requiredKeys: [] },
  ),
  fc.anything(),
);

test('whatever is rejected of an NDJSON file comes back likewise, unless a number was all that was wrong', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 20 }), async (values) => {
      const text = values.map((one) => `${JSON.stringify(one) ?? 'undefined'}`).join('\n');
      const { rejected } = await importOf(text === '' ? '0' : text, new NdjsonReader());
      const again = await importOf(fileOf(rejected), new CsvReader());
      expect(again.taken.length + again.rejected.length).toBe(rejected.length);
      for (const line of again.rejected) {
        const before = rejected[again.rejected.indexOf(line)];
        if (again.taken.length === 0)
          expect(withoutLines([line])).toEqual(withoutLines([before ?? line]).map(asRead));
      }
    }),
  );
});

/** The values of a line as they are read from a file: blanks around them are no part of them. */
function asRead(values: Record<string, string | undefined>): Record<string, string> {
  const read = Object.entries(values).map(
    ([name, text = '']) => [name, trimBlanks(text.replaceAll(/\r\n?/g, '\n'))] as const,
  );
  const isTold = ([name, text]: readonly [string, string]): boolean =>
    text !== '' || name === 'phone' || name === 'timezone';
  // That neither a phone nor a zone is there is told by empty ones.
  return { phone: '', timezone: '', ...Object.fromEntries(read.filter(isTold)) };
}
