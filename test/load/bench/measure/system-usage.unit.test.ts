import { expect, test } from 'vitest';
import { replacedParts, type Snapshot, usageBetween } from './system-usage.ts';

const snapshot = (parts: Record<string, [pid: number, cpuMs: number, peakMiB: number]>): Snapshot =>
  new Map(Object.entries(parts).map(([name, [pid, cpuMs, peakMiB]]) => [name, { pid, cpuMs, peakMiB }]));

const before = snapshot({ 'sender-1': [1, 100, 50], 'sender-2': [2, 200, 60], stats: [3, 500, 90] });
const after = snapshot({ 'sender-1': [1, 150, 55], 'sender-2': [2, 270, 61], stats: [4, 30, 40] });

test('adds the time of processes of one kind, and keeps the larger of their peaks', () => {
  expect(usageBetween(before, after).sender).toEqual({ cpuMs: 120, peakMiB: 61 });
});

test('counts a process that began in between from its beginning', () => {
  expect(usageBetween(before, after).stats).toEqual({ cpuMs: 30, peakMiB: 40 });
});

test('names the parts that are another process now', () => {
  expect(replacedParts(before, after)).toEqual(['stats']);
  expect(replacedParts(after, snapshot({ 'sender-1': [1, 1, 1], stats: [4, 1, 1] }))).toEqual(['sender-2']);
});
