import type { FileFormat } from '@herald/contracts';
import { canonicalTimezone, readLabel } from '@herald/domain';
import { someClient } from '@herald/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRow } from '../import-clients/check-row.ts';
import { CsvReader } from '../import-clients/csv-reader.ts';
import { NdjsonReader } from '../import-clients/ndjson-reader.ts';
import { readLines } from '../import-clients/text-lines.ts';
import { headOf, lineOf } from './client-lines.ts';

/** What a file of these clients is read as. */
async function imported(clients: readonly Parameters<typeof lineOf>[0][], format: FileFormat) {
  const text = headOf(format) + clients.map((client) => lineOf(client, format)).join('');
  const reader = format === 'csv' ? new CsvReader() : new NdjsonReader();
  const records = [];
  async function* bytes() {
    yield Buffer.from(text);
  }
  for await (const lines of readLines(bytes())) records.push(...reader.read(lines));
  return [...records, ...reader.end()].map(checkRow);
}

const attributesOf = ({ phone, timezone, operatorCode, tag }: ReturnType<typeof someClient>) => ({
  phone,
  timezone,
  operatorCode,
  tag,
});

/** Labels that are stored, made of what files stumble over. */
const tag = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(
        ',',
        '"',
        ';',
        "'",
        '=',
        '+',
        '-',
        '@',
        ' ',
        '\u00a0',
        '\\',
        '|',
        'sep=',
        'й',
        'e\u0301',
        '👨‍👩‍👧',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  })
  .map(readLabel)
  .filter((reading) => reading.kind === 'label')
  .map(({ label }) => label);

const client = fc
  .record({
    phone: fc.stringMatching(/^7\d{10}$/),
    operatorCode: fc.stringMatching(/^\d{3}$/),
    timezone: fc.constantFrom('Europe/Moscow', '+03:00', '-09:30', 'UTC', 'Etc/GMT+5'),
    tag,
  })
  .map(({ timezone, ...attributes }) =>
    someClient({ ...attributes, timezone: canonicalTimezone(timezone) ?? timezone }),
  );

test.each(['csv', 'ndjson'] as const)(
  'whatever is exported as %s is imported as it was',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 5 }), async (clients) => {
        const rows = await imported(clients, format);
        // An empty field of CSV says nothing of the tag, so that a new client gets none.
        const wanted = clients.map((each) => {
          const { tag: label, ...others } = attributesOf(each);
          return label === '' && format === 'csv' ? others : { ...others, tag: label };
        });
        expect(rows.map((row) => ('row' in row ? { ...row.row, line: 0 } : row))).toEqual(
          wanted.map((attributes) => ({ ...attributes, line: 0 })),
        );
      }),
      { numRuns: 300 },
    );
  },
  60_000,
);

test('a row has the columns of an import, in their order, and no others', () => {
  const exported = someClient({ tag: 'say "a, b"' });
  expect(headOf('csv') + lineOf(exported, 'csv')).toBe(
    'phone,timezone,operatorCode,tag\r\n79161234567,Europe/Moscow,916,"say ""a, b"""\r\n',
  );
  expect(JSON.parse(lineOf(exported, 'ndjson'))).toEqual(attributesOf(exported));
});
