import { expect, test } from 'vitest';
import type { Measured } from '../measure/measured.ts';
import { summarize } from './summarize.ts';

const delivery = (value: number, senderMs: number, peakMiB: number): Measured => ({
  value,
  unit: 'messages/s',
  per: { thing: 'message', count: 1_000 },
  usage: { sender: { cpuMs: senderMs, peakMiB }, stats: { cpuMs: 50, peakMiB: 10 } },
  details: { lagMs: value },
});
const loop = (value: number): Measured => ({ value, unit: 'requests/s' });

const collected = new Map([
  ['loop', [loop(100), loop(200), loop(400)]],
  ['delivery', [delivery(50, 300, 70), delivery(20, 100, 90), delivery(80, 200, 80)]],
]);
const [reference, figure] = summarize('delivery', collected, { delivery: 'loop' });

test('compares each round with the reference of the same round', () => {
  expect(figure?.ratio).toEqual({
    reference: 'loop',
    rounds: [0.5, 0.1, 0.2],
    median: 0.2,
    min: 0.1,
    max: 0.5,
  });
});

test('tells the processor time for one thing, by process and in all', () => {
  expect(figure?.cpu).toEqual({ thing: 'message', total: 250, byProcess: { sender: 200, stats: 50 } });
});

test('keeps the highest peak of memory and the median of the rest', () => {
  expect(figure?.peakMiB).toEqual({ sender: 90, stats: 10 });
  expect(figure?.details).toEqual({ lagMs: 50 });
  expect(figure).toMatchObject({ rounds: [50, 20, 80], median: 50, min: 20, max: 80 });
});

test('compares a reference with nothing', () => {
  expect(reference).toMatchObject({ name: 'loop', unit: 'requests/s', ratio: null, cpu: null });
});
