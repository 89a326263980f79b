import { expect, test } from 'vitest';
import { createStatusLine } from './status-line.ts';

function showFor(isTerminal: boolean, milliseconds: number): { said: string[]; written: string[] } {
  const said: string[] = [];
  const written: string[] = [];
  let now = 0;
  const screen = { isTerminal, say: (line: string) => void said.push(line) };
  const status = createStatusLine(
    screen,
    (text) => void written.push(text),
    () => now,
  );
  status.begin('delivery', 'a mailing');
  for (; now <= milliseconds; now += 50) status.show('messages ended', now, 10_000);
  return { said, written };
}

test('moves one line in a terminal', () => {
  const { said, written } = showFor(true, 200);
  expect(said).toEqual(['delivery: a mailing']);
  expect(written).toEqual([
    '\r\u001b[K  delivery: 100 of 10 000 messages ended',
    '\r\u001b[K  delivery: 200 of 10 000 messages ended',
  ]);
});

test('says a line every five seconds elsewhere', () => {
  const { said, written } = showFor(false, 5_100);
  expect(said).toEqual(['delivery: a mailing', '  delivery: 5 000 of 10 000 messages ended']);
  expect(written).toEqual([]);
});
