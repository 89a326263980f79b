import { expect, test } from 'vitest';
import { PaceMeter } from './body-reader.ts';

const PACE = { bytes: 1_000, ms: 30_000 };

test('a byte every 25 seconds is too slow', () => {
  const meter = new PaceMeter(PACE);
  expect(meter.keepsUp(1, 25_000)).toBe(true);
  expect(meter.leftMs).toBe(5_000);
  expect(meter.keepsUp(1, 25_000)).toBe(false);
});

test('each stretch begins anew with its bytes, however they came', () => {
  const meter = new PaceMeter(PACE);
  for (let stretch = 0; stretch < 100; stretch++) {
    expect(meter.keepsUp(500, 15_000)).toBe(true);
    expect(meter.keepsUp(500, 14_999)).toBe(true);
  }
});
