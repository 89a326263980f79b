import { expect, test } from 'vitest';
import { cpuMsOf, parentOf, peakMiBOf } from './process-usage.ts';

const TIMES_AND_REST = '1200 300 40 60 20 0 11 0 1464833 3133440';
const STAT = `4711 (postgres: writer (1) S) S 4700 4711 4711 0 -1 4194304 98 0 0 0 ${TIMES_AND_REST}`;

test('adds the times of a process and of its children that have ended', () => {
  expect(cpuMsOf(STAT)).toBe((1_200 + 300 + 40 + 60) * 10);
});

test('finds the parent behind a name with blanks and brackets', () => {
  expect(parentOf(STAT)).toBe(4_700);
});

test('reads the peak of resident memory, and nothing where there is none', () => {
  expect(peakMiBOf('Name:\tnode\nVmPeak:\t 9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t1 kB\n')).toBe(2);
  expect(peakMiBOf('Name:\tkthreadd\n')).toBe(0);
});
