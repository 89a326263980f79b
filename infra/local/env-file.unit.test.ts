import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEnvFile } from './env-file.ts';

const read = (text: string) => readEnvFile(Buffer.from(text));

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
const FIRST = 'PROVIDER_URL=http://h\nPORT=1\n';
test.each([
  ['a byte order mark', Buffer.from(`\uFEFF${FIRST}`)],
  ['UTF-16', utf16(FIRST)],
  ['UTF-16, the other way round', utf16(FIRST).swap16()],
  ['line ends of Windows', Buffer.from(`\uFEFF${FIRST}`.replaceAll('\n', '\r\n'))],
  ['line ends of old Macs', Buffer.from(FIRST.replaceAll('\n', '\r'))],
  ['export', Buffer.from(FIRST.replaceAll(/^/gm, 'export '))],
])('with %s the first variable is there, and nothing needs saying', (_what, bytes) => {
  expect(readEnvFile(bytes)).toMatchObject({ variables: { PROVIDER_URL: 'http://h', PORT: '1' } });
});

test.each([
  ['PORT: 1\nA=1', 'line 1: is no assignment (NAME=value) and is left out'],
  ['A=1\n\n# fine\nsecret', 'line 4: is no assignment (NAME=value) and is left out'],
  ['A=1\nexport A', 'line 2: is no assignment (NAME=value) and is left out'],
  ['1A=secret\nA=1', 'line 1: is no assignment (NAME=value) and is left out'],
  ['A=2\nA=1', 'line 2: A: is set again, and the last one holds'],
  ['A=1#secret', 'line 1: A: what stands behind # is left out; a value with # must stand in quotes'],
  ['A="1"secret', 'line 1: A: what stands behind the closing quote is left out'],
  ['B="secret\nA=1', 'line 1: B: the quote " is never closed and is taken as part of the value'],
  ["A=1\nB='secret\nC=2\n'", 'line 2: B: its quotes hold further lines that look like assignments'],
  ['A=1\nB=secret\0', 'line 2: B: holds a NUL character and is left out'],
])('%j is said with its line, without showing the value', (text, problem) => {
  const { variables, problems } = read(text);
  expect(problems).toEqual([problem]);
  expect(variables.A).toBe('1');
});

test('what is not UTF-8 is said', () => {
  expect(readEnvFile(Buffer.from('A=caf\xe9', 'latin1')).problems).toEqual(['line 1: A: is not UTF-8']);
});

test('a variable without a value does not swallow the next line', () => {
  expect(read('A= \nB=2').variables).toEqual({ A: '', B: '2' });
});

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,12}$/);
const plain = fc.stringMatching(/^([!$%&(-_a-~]([ !$%&(-_a-~]*[!$%&(-_a-~])?)?$/);
const written = fc.oneof(
  plain.map((value) => ({ value, text: value })),
  plain.map((value) => ({ value, text: `${value} # a comment` })),
  fc.stringMatching(/^[ -&(-~]*$/).map((value) => ({ value, text: `'${value}'` })),
  fc.stringMatching(/^[ !#-[\]-~]*$/).map((value) => ({ value, text: `"${value}"` })),
);
const assignment = fc.record({
  name,
  written,
  before: fc.constantFrom('', ' ', '\t', 'export ', '# comment\n', '\n'),
  equals: fc.constantFrom('=', ' = '),
});

test('of a file as it should be every variable is read, in any spelling of the file', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(assignment, { selector: (each) => each.name }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      (assignments, lineEnd, mark) => {
        const lines = assignments.map(
          ({ before, name: key, equals, written: { text } }) => `${before}${key}${equals}${text}\n`,
        );
        const text = lines.join('');
        const { variables, problems } = read(`${mark ? '\uFEFF' : ''}${text.replaceAll('\n', lineEnd)}`);
        const meant = Object.fromEntries(
          assignments.map(({ name: key, written: { value } }) => [key, value]),
        );
        expect(variables).toEqual(meant);
        expect(problems).toEqual([]);
      },
    ),
  );
});

const fragment = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r\n',
    '=',
    '#',
    '"',
    "'",
    '`',
    ' ',
    'export ',
    '\\',
    '\\n',
    'A=1',
    'B=',
    '\uFEFF',
    '\0',
    ':',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const hostile = fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join(''));

test('whatever follows, the first variable is read, and nothing throws', () => {
  fc.assert(
    fc.property(hostile, (rest) => {
      const { variables, problems } = read(`\uFEFFPROVIDER_URL=http://h\n${rest}`);
      const again = problems.some((problem) => problem.includes('PROVIDER_URL: is set again'));
      if (!again) expect(variables.PROVIDER_URL).toBe('http://h');
    }),
  );
});

test('of any file Node reads the same, or something is said', () => {
  const swallows = /=[\t ]+(\n|$)/;
  const namesExport = /(^|\n)[\t ]*export[\t ][^\n=]*=[\t ]*(\n|$)/;
  fc.assert(
    fc.property(hostile, (rest) => {
      // Blanks that Node does not know for such (of other kinds than these) are cut off at the ends of values.
      const text = rest.replaceAll(/[^\S\t\n ]/g, '');
      // Node takes the next line for the value of a variable that has blanks alone.
      fc.pre(!swallows.test(text));
      // Node takes `export` for a part of the name of a variable that is empty.
      fc.pre(!namesExport.test(text));
      // And a comment with blanks before it for an assignment.
      fc.pre(!/\n[\t ]+#[^\n]*=/.test(text));
      const { variables, problems } = read(text);
      if (problems.length === 0) expect(variables).toEqual({ ...parseEnv(text) });
    }),
    { numRuns: 1_000 },
  );
});
