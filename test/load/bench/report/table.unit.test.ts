import { expect, test } from 'vitest';
import type { Figure } from './figure.ts';
import { formatValue, renderFigures, renderProcesses } from './table.ts';

const delivery: Figure = {
  scenario: 'delivery',
  name: 'delivery',
  unit: 'messages/s',
  rounds: [1_800, 1_900, 2_000],
  median: 1_900,
  min: 1_800,
  max: 2_000,
  ratio: { reference: 'loop', rounds: [0.1, 0.11, 0.12], median: 0.11, min: 0.1, max: 0.12 },
  cpu: { thing: 'message', total: 812.4, byProcess: { sender: 300, stats: 12.345 } },
  peakMiB: { sender: 150.4, stats: 90 },
  details: { seconds: 52.6 },
};
const textOf = (table: string): string => table.replaceAll(/\s*[│┌┐└┘├┤─┬┴┼]+\s*/g, '|');

test('shows a figure with its spread, its ratio and its processor time', () => {
  expect(textOf(renderFigures([delivery]))).toContain(
    '|delivery|1 900|messages/s|1 800–2 000|0.110 loop|0.100–0.120|812 µs/message|seconds 52.6|',
  );
});

test('shows what each process took', () => {
  const table = textOf(renderProcesses([delivery, { ...delivery, name: 'starts', cpu: null }]));
  expect(table).toContain('|delivery|300 / 150|12.3 / 90|');
  expect(table).not.toContain('starts');
});

test('shows three digits of small values and all of large ones', () => {
  expect([0.012_345, 12.345, 123.45, 1_234_567].map(formatValue)).toEqual([
    '0.0123',
    '12.3',
    '123',
    '1 234 567',
  ]);
});
