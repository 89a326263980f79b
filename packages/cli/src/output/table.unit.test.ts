import { expect, test } from 'vitest';
import { inColour, paintFor, plainly } from './paint.ts';
import { drawDetails, drawTable } from './table.ts';

test('a table has columns that stand below each other, and nothing at the end of lines', () => {
  const columns = [{ title: 'ID' }, { title: 'COUNT', align: 'right' as const }, { title: 'NAME' }];
  const rows = [
    ['a', '7', 'Осень'],
    ['bcd', '1 000', ''],
  ];
  expect(drawTable(columns, rows, plainly)).toBe(
    ['ID   COUNT  NAME', 'a        7  Осень', 'bcd  1 000'].join('\n'),
  );
});

test('colours do not count for the width', () => {
  const table = drawTable([{ title: 'A' }, { title: 'B' }], [[inColour('red', 'x'), 'y']], plainly);
  expect(table).toBe('A  B\n\u001b[31mx\u001b[39m  y');
});

test('details stand one a line', () => {
  expect(
    drawDetails(
      [
        ['id', '7'],
        ['time zone', 'UTC'],
      ],
      plainly,
    ),
  ).toBe('id         7\ntime zone  UTC');
});

test('colours are for terminals, and not for who does not want them', () => {
  expect(paintFor(true, {})).toBe(inColour);
  expect(paintFor(true, { NO_COLOR: '' })).toBe(inColour);
  expect(paintFor(true, { NO_COLOR: '1' })).toBe(plainly);
  expect(paintFor(true, { TERM: 'dumb' })).toBe(plainly);
  expect(paintFor(false, {})).toBe(plainly);
});
