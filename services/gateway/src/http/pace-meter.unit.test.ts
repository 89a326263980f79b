import { expect, test } from 'vitest';
import { PaceMeter } from './body-reader.ts';

const PACE = { bytes: 1_000, ms: 30_000 };

test('a byte every 25 seconds is not waited for long', () => {
  const meter = new PaceMeter(PACE);
  meter.came(1, 25_000);
  expect(meter.leftMs).toBe(5_000);
  meter.came(1, 4_999);
  expect(meter.leftMs).toBe(1);
});

test('each stretch begins anew with its bytes, however they came', () => {
  const meter = new PaceMeter(PACE);
  for (let stretch = 0; stretch < 100; stretch++) {
    meter.came(500, 15_000);
    expect(meter.leftMs).toBe(15_000);
    meter.came(500, 14_999);
    expect(meter.leftMs).toBe(30_000);
  }
});

test('bytes that lay there while this process stood still leave time for the next ones', () => {
  const meter = new PaceMeter(PACE);
  meter.came(1, 60_000);
  expect(meter.leftMs).toBe(1);
});
