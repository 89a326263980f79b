import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProblemError } from '../../problems/problem.ts';
import { type CheckedRow, checkRow } from './check-row.ts';
import { CsvReader } from './csv-reader.ts';
import type { RecordReader } from './import-record.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import { readLines, type TextLine } from './text-lines.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function importOf(
  bytes: Uint8Array,
  reader: RecordReader<TextLine> = new CsvReader(),
  size = 64,
): Promise<CheckedRow[]> {
  const rows: CheckedRow[] = [];
  for await (const lines of readLines(inPieces(bytes, size))) rows.push(...reader.read(lines).map(checkRow));
  return [...rows, ...reader.end().map(checkRow)];
}

const utf8 = (text: string): Buffer => Buffer.from(text);
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

const VIP = { phone: '79161234567', timezone: 'Europe/Moscow', tag: 'vip' };

test.each<[string, Buffer]>([
  ['commas', utf8('phone,timezone,tag\n79161234567,Europe/Moscow,vip\n')],
  ['blanks around', utf8('phone, timezone ,\u00a0tag\n 79161234567 , europe/moscow,\u00a0vip\u00a0\n')],
  ['semicolons', utf8('phone;timezone;tag\r\n79161234567;Europe/Moscow;vip\r\n')],
  ['tabs', utf8('phone\ttimezone\ttag\n79161234567\tEurope/Moscow\tvip')],
  ['a line sep=;', utf8('sep=;\r\nphone;timezone;tag\r\n79161234567;Europe/Moscow;vip\r\n')],
  ['a line SEP= with a tab', utf8('SEP=\t\nphone\ttimezone\ttag\n79161234567\tEurope/Moscow\tvip\n')],
  ['a byte order mark', utf8('\ufeffphone;timezone;tag\r\n79161234567;Europe/Moscow;vip\r\n')],
  [
    'a byte order mark and quotes',
    utf8('\ufeff"phone";"timezone";"tag"\n"79161234567";"Europe/Moscow";"vip"'),
  ],
  ['blanks around quotes', utf8('phone,timezone,tag\n"79161234567" , "Europe/Moscow", " vip"')],
  ['headers in other letters', utf8('Phone,TIME_ZONE,Tag\n79161234567,EUROPE/MOSCOW,vip')],
  ['an empty last column', utf8('phone;timezone;tag;\n79161234567;Europe/Moscow;vip;\n')],
  ['an empty last column of the header alone', utf8('phone;timezone;tag;;\n79161234567;Europe/Moscow;vip\n')],
  ['an empty field behind the last column', utf8('phone,timezone,tag\n79161234567,Europe/Moscow,vip,\n')],
  ['CR alone', utf8('phone,timezone,tag\r79161234567,Europe/Moscow,vip\r')],
  ['Unicode text of Excel', utf16('phone\ttimezone\ttag\r\n79161234567\tEurope/Moscow\tvip\r\n')],
])('a file with %s is read as meant', async (_title, bytes) => {
  const rows = await importOf(bytes);
  expect(rows).toEqual([{ row: { line: expect.any(Number), ...VIP } }]);
});

test('the separator may stand within quotes, and another one anywhere', async () => {
  const rows = await importOf(utf8('phone;timezone;tag\n79161234567;UTC;"a;b"\n79161234568;UTC;a,b\tc'));
  expect(rows).toMatchObject([{ row: { tag: 'a;b' } }, { error: { message: /control/ } }]);
});

test.each([
  [
    'another separator in its rows',
    'phone;timezone;tag\n79161234567,UTC,vip',
    /1 fields.*separator is a semicolon/,
  ],
  ['too few fields', 'phone,timezone,tag\n79161234567,UTC', /2 fields.*separator is a comma/],
])('a row with %s is rejected, and the separator told', async (_title, text, message) => {
  expect(await importOf(utf8(text))).toMatchObject([{ error: { line: 2, message } }]);
});

test.each([
  ['phone|timezone|tag\n', /No separator was found .* in "phone\|timezone\|tag"/],
  ['phone timezone\n', /No separator was found/],
  ['phone;timezone,tag\n', /separator that was found is a semicolon|separator that was found is a comma/],
  ['phone;zone\n', /separator that was found is a semicolon/],
  ['sep=|\nphone|timezone\n', /separator must be .* found "\|"/],
])('the header %j is refused with what was found', async (text, detail) => {
  await expect(importOf(utf8(text))).rejects.toMatchObject({
    problem: { code: 'import-header-invalid', detail: expect.stringMatching(detail) },
  });
});

test.each([
  ['a byte order mark', utf8('\ufeff{"phone":" 79161234567","timezone":"UTC "}\n')],
  ['UTF-16', utf16('{"phone":"79161234567","timezone":"utc"}\r\n')],
  ['CR alone', utf8('{"phone":"79161234567","timezone":"UTC"}\r')],
])('NDJSON with %s is read as meant', async (_title, bytes) => {
  expect(await importOf(bytes, new NdjsonReader())).toEqual([
    { row: { line: 1, phone: '79161234567', timezone: 'UTC' } },
  ]);
});

const COLUMNS = ['phone', 'timezone', 'tag', 'operatorCode'] as const;
const VALUES = { ...VIP, operatorCode: '916' };
const blanks = fc.string({ unit: fc.constantFrom(' ', '\u00a0', '\u2003'), maxLength: 2 });

/** Ways in which one column may be written: its letters, blanks around it, quotes. */
const spelling = fc.record({
  name: fc.constantFrom<(name: string) => string>(
    (name) => name,
    (name) => name.toUpperCase(),
    (name) => name.charAt(0).toUpperCase() + name.slice(1),
    (name) => name.replaceAll(/(?=[A-Z])/g, '_').toLowerCase(),
    (name) => name.replaceAll(/(?=[A-Z])/g, ' '),
  ),
  before: blanks,
  after: blanks,
  isQuoted: fc.boolean(),
});

test('whatever way a header is written in, the columns are those that were meant', async () => {
  const file = fc.record({
    columns: fc.shuffledSubarray([...COLUMNS], { minLength: 2 }),
    spellings: fc.array(spelling, { minLength: 4, maxLength: 4 }),
    separator: fc.constantFrom(',', ';', '\t'),
    isNamed: fc.boolean(),
    hasEmptyColumn: fc.boolean(),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    encode: fc.constantFrom<(text: string) => Buffer>(
      utf8,
      utf16,
      (text) => utf8(`\ufeff${text}`),
      (text) => utf16(text).swap16(),
    ),
    size: fc.integer({ min: 1, max: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(file, async ({ columns, spellings, separator, ...way }) => {
      const all = [...new Set([...columns, 'phone', 'timezone'] as const)];
      const cells = (textOf: (column: (typeof COLUMNS)[number], index: number) => string): string =>
        all.map(textOf).join(separator) + (way.hasEmptyColumn ? separator : '');
      const header = cells((column, index) => {
        const { name, before, after, isQuoted } = spellings[index] ?? { name: String, before: '', after: '' };
        return isQuoted ? `"${before}${name(column)}${after}"` : before + name(column) + after;
      });
      const lines = [
        ...(way.isNamed ? [`sep=${separator}`] : []),
        header,
        cells((column) => VALUES[column]),
        '',
      ];
      const rows = await importOf(way.encode(lines.join(way.end)), new CsvReader(), way.size);
      const expected = Object.fromEntries(all.map((column) => [column, VALUES[column]]));
      expect(rows).toEqual([{ row: { line: lines.length - 1, ...expected } }]);
    }),
    { numRuns: 200 },
  );
}, 60_000);

test('whatever stands in a header, it is read, or refused with what was found, and nothing else', async () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(...COLUMNS, 'Phone', 'sep=', ',', ';', '\t', '|', '"', ' ', '\ufeff', '\r'),
    }),
  );
  await fc.assert(
    fc.asyncProperty(junk, fc.integer({ min: 1, max: 20 }), async (header, size) => {
      try {
        await importOf(utf8(`${header}\n79161234567,Europe/Moscow\n`), new CsvReader(), size);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        expect(error.problem.status).toBe(422);
        expect(error.problem.detail).toMatch(/separator|nothing to import/i);
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('whatever bytes come, they are read or refused, and nothing else', async () => {
  const readers = fc.constantFrom<() => RecordReader<TextLine>>(
    () => new CsvReader(),
    () => new NdjsonReader(),
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), readers, async (bytes, reader) => {
      try {
        await importOf(bytes, reader(), 7);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);

const NDJSON_LINES = ['{"phone":"79161234567","timezone":"UTC"}', '{"phone":"79161234568","timezone":"UTC"}'];
const LONE = String.fromCharCode(0xd83d);
const FAULT = { error: { line: 2, message: 'is not UTF-16' } };

test.each([
  ['a file cut within a unit', NDJSON_LINES.join('\n'), 1, [FAULT]],
  ['a file cut within a pair', `${NDJSON_LINES.join('\n')}${LONE}`, 0, [FAULT]],
  [
    'half a character in a line',
    `${NDJSON_LINES[0]}\n{"tag":"a${LONE}b"}\n${NDJSON_LINES[1]}`,
    0,
    [FAULT, { row: { line: 3, phone: '79161234568', timezone: 'UTC' } }],
  ],
])('%s is no UTF-16, and what is before and behind is taken', async (_title, text, missing, rest) => {
  for (const swap of [false, true]) {
    const bytes = swap ? utf16(text).swap16() : utf16(text);
    for (const size of [1, 2, 3, 7, 64, 1_000]) {
      const rows = await importOf(bytes.subarray(0, bytes.length - missing), new NdjsonReader(), size);
      expect(rows).toEqual([{ row: { line: 1, phone: '79161234567', timezone: 'UTC' } }, ...rest]);
    }
  }
});

test('pairs of UTF-16 are one character wherever the pieces end', async () => {
  const bytes = utf16('{"phone":"79161234567","timezone":"UTC","tag":"🎉é"}');
  for (const size of [1, 2, 3, 5, 64]) {
    const [row] = await importOf(bytes, new NdjsonReader(), size);
    expect(row).toMatchObject({ row: { tag: '🎉é' } });
  }
});
