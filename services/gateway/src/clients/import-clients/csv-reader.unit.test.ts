import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProblemError } from '../../problems/problem.ts';
import { CsvReader } from './csv-reader.ts';
import type { ImportRecord } from './import-record.ts';

const HEADER = 'phone,timezone,tag';

function read(text: string, linesAtOnce = 1_000): ImportRecord[] {
  const reader = new CsvReader();
  const lines = text.split('\n').map((line, index) => ({ line: index + 1, text: line }));
  const records: ImportRecord[] = [];
  for (let from = 0; from < lines.length; from += linesAtOnce) {
    records.push(...reader.read(lines.slice(from, from + linesAtOnce)));
  }
  return [...records, ...reader.end()];
}

const client = (tag: string) => ({ phone: '79161234567', timezone: 'UTC', tag });
const quoteFault = expect.stringContaining('quote');

test('columns stand in the order that the header row gives them', () => {
  expect(read('tag, timezone ,phone\na,UTC,79161234567\n')).toEqual([{ line: 2, value: client('a') }]);
});

test('an empty field of a column that may be left out says nothing', () => {
  expect(read('phone,timezone,tag,operatorCode\n79161234567,UTC,,\n79161234567,,,')).toEqual([
    { line: 2, value: { phone: '79161234567', timezone: 'UTC' } },
    { line: 3, value: { phone: '79161234567', timezone: '' } },
  ]);
});

test.each([1, 2, 1_000])(
  'quoted commas, quotes and line breaks belong to the value, read %i lines at once',
  (linesAtOnce) => {
    const text = `${HEADER}\n79161234567,UTC,"a, ""b"""\n79161234567,UTC,"two\nlines"\n"79161234567","UTC","c"`;
    expect(read(text, linesAtOnce)).toEqual([
      { line: 2, value: client('a, "b"') },
      { line: 3, value: client('two\nlines') },
      { line: 5, value: client('c') },
    ]);
  },
);

test('a quote that is never closed costs its own line only', () => {
  expect(read(`${HEADER}\n79161234567,UTC,"a\n79161234567,UTC,b\n79161234567,UTC,c`)).toEqual([
    { line: 2, fault: quoteFault, text: '79161234567,UTC,"a' },
    { line: 3, value: client('b') },
    { line: 4, value: client('c') },
  ]);
});

test('two stray quotes far apart do not make one record of what lies between', () => {
  expect(
    read(`${HEADER}\n79161234567,UTC,a"\n79161234567,UTC,b\n79161234567,UTC,c"\n79161234567,UTC,d`),
  ).toEqual([
    { line: 2, fault: quoteFault, text: '79161234567,UTC,a"' },
    { line: 3, value: client('b') },
    { line: 4, fault: quoteFault, text: '79161234567,UTC,c"' },
    { line: 5, value: client('d') },
  ]);
});

test('after a hundred lines an open quote is given up', () => {
  const good = '79161234567,UTC,g\n'.repeat(250);
  const records = read(`${HEADER}\n79161234567,UTC,"a\n${good}`);
  expect(records).toHaveLength(251);
  expect(records.filter((record) => 'fault' in record)).toEqual([
    { line: 2, fault: quoteFault, text: '79161234567,UTC,"a' },
  ]);
});

test('a closing quote with something behind it is a bad line', () => {
  expect(read(`${HEADER}\n79161234567,UTC,"a"b\n79161234567,UTC,c`)).toEqual([
    { line: 2, fault: quoteFault, text: '79161234567,UTC,"a"b' },
    { line: 3, value: client('c') },
  ]);
});

test('too few and too many fields are bad lines', () => {
  expect(read(`${HEADER}\n79161234567,UTC\n79161234567,UTC,a,b\n\n79161234567,UTC,c\n`)).toEqual([
    { line: 2, fault: expect.stringContaining('2 fields'), text: '79161234567,UTC' },
    { line: 3, fault: expect.stringContaining('4 fields'), text: '79161234567,UTC,a,b' },
    { line: 5, value: client('c') },
  ]);
});

test('every good line is read whatever stands in the bad ones', () => {
  const junk = fc.string().map((text) => text.replaceAll(/[\n\r]/g, ''));
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 30 }), (bad) => {
      // An even number of quotes in all may rightly make one value of many lines: without a comma it cannot end well.
      const lines = bad.map((text) => `${text.replaceAll('"', '')}"x`);
      const text = lines.map((line, index) => `${line}\n79161234567,UTC,good${index}\n`).join('');
      const good = read(`${HEADER}\n${text}`).filter((record) => 'value' in record);
      for (const index of bad.keys()) {
        expect(good).toContainEqual({ line: index * 2 + 3, value: client(`good${index}`) });
      }
    }),
  );
});

const refusalOf = (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  return null;
};

test.each([
  ['phone,timezone,colour', ['/colour']],
  ['phone,tag', ['/timezone']],
  ['phone,timezone,phone', ['/phone']],
  ['phone|timezone', ['/phone|timezone', '/phone', '/timezone']],
  ['phone;timezone,tag', ['/phone;timezone', '/phone', '/timezone']],
  ['phone,Phone,timezone', ['/Phone']],
  ['phone,,timezone', ['/']],
  ['"phone,timezone', ['']],
  ['phone,timezone,__proto__', ['/__proto__']],
])('the header row %s is refused', (header, paths) => {
  const problem = refusalOf(`${header}\n79161234567,UTC,a`);
  expect(problem).toMatchObject({ status: 422, code: 'import-header-invalid' });
  expect(problem?.errors?.map(({ path }) => path)).toEqual(paths);
});

test.each(['', '\n\n  \n'])('nothing at all (%j) is refused', (text) => {
  expect(refusalOf(text)).toMatchObject({ status: 422, code: 'import-empty' });
});

test('a header row alone is an import of nobody', () => {
  expect(read(`${HEADER}\n`)).toEqual([]);
});
