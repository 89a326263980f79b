import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_LINE, readLines, type TextLine } from './text-lines.ts';

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function linesOf(bytes: Uint8Array, pieceSize = bytes.length || 1): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const some of readLines(piecesOf(bytes, pieceSize))) lines.push(...some);
  return lines;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a piece may end anywhere, in the middle of a character too', async () => {
  const bytes = utf8('Привет\r\n🎉,"x"\n\nend');
  const whole = [
    { line: 1, text: 'Привет' },
    { line: 2, text: '🎉,"x"' },
    { line: 3, text: '' },
    { line: 4, text: 'end' },
  ];
  for (let size = 1; size <= bytes.length; size += 1) expect(await linesOf(bytes, size)).toEqual(whole);
});

test('the lines are those of the text, however it is cut', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\ufeff]/g, ''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      fc.integer({ min: 1, max: 50 }),
      async (lines, size) => {
        const bytes = utf8(lines.map((text) => `${text}\n`).join(''));
        const expected = lines.map((text, index) => ({ line: index + 1, text }));
        expect(await linesOf(bytes, size)).toEqual(expected);
      },
    ),
  );
});

test('a byte order mark at the beginning is no text', async () => {
  expect(await linesOf(utf8('\ufeffa\n\ufeffb\n'), 1)).toEqual([
    { line: 1, text: 'a' },
    { line: 2, text: '\ufeffb' },
  ]);
});

test.each(['\n', '\r\n', '\r'])('lines may end with %j, wherever a piece ends', async (end) => {
  const bytes = utf8(['a', '', 'b', 'c'].join(end) + end);
  const whole = ['a', '', 'b', 'c'].map((text, index) => ({ line: index + 1, text }));
  for (let size = 1; size <= bytes.length; size += 1) expect(await linesOf(bytes, size)).toEqual(whole);
});

test('ends of every kind may follow each other', async () => {
  const bytes = utf8('a\rb\r\nc\n\rd\n\r\ne\r\rf');
  const texts = ['a', 'b', 'c', '', 'd', '', 'e', '', 'f'];
  for (let size = 1; size <= bytes.length; size += 1) {
    expect((await linesOf(bytes, size)).map((line) => ('text' in line ? line.text : null))).toEqual(texts);
  }
});

test.each([
  ['UTF-16 with the lesser byte first', 'le', true],
  ['UTF-16 with the greater byte first', 'be', true],
  ['UTF-16 without a mark, the lesser byte first', 'le', false],
  ['UTF-16 without a mark, the greater byte first', 'be', false],
] as const)('%s is read as meant', async (_title, order, isMarked) => {
  const bytes = Buffer.from(`${isMarked ? '\ufeff' : ''}phone\tПривет 🎉\r\nend`, 'utf16le');
  if (order === 'be') bytes.swap16();
  for (const size of [1, 2, 3, 7, 1_000]) {
    expect(await linesOf(bytes, size)).toEqual([
      { line: 1, text: 'phone\tПривет 🎉' },
      { line: 2, text: 'end' },
    ]);
  }
});

test('a line that is not UTF-8 spoils no other', async () => {
  const bytes = Buffer.concat([utf8('a\n'), Buffer.from([0xff, 0xfe, 0x0a]), utf8('b\n')]);
  expect(await linesOf(bytes)).toEqual([
    { line: 1, text: 'a' },
    { line: 2, fault: 'is not UTF-8', text: '\ufffd\ufffd' },
    { line: 3, text: 'b' },
  ]);
});

test.each([1_000, 70_000])(
  'of a line that is too long only the beginning is kept, in pieces of %i bytes',
  async (size) => {
    const bytes = utf8(
      `a\n${'x'.repeat(LONGEST_LINE + 1)}\n${'y'.repeat(LONGEST_LINE)}\n${'z'.repeat(LONGEST_LINE * 3)}`,
    );
    expect(await linesOf(bytes, size)).toEqual([
      { line: 1, text: 'a' },
      { line: 2, fault: expect.stringContaining('longer'), text: `${'x'.repeat(256)}…` },
      { line: 3, text: 'y'.repeat(LONGEST_LINE) },
      { line: 4, fault: expect.stringContaining('longer'), text: `${'z'.repeat(256)}…` },
    ]);
  },
);

test('no bytes are no lines', async () => {
  expect(await linesOf(new Uint8Array())).toEqual([]);
});
