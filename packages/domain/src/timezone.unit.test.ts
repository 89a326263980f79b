import { describe, expect, test } from 'vitest';
import { isInsideWindow } from './local-window.ts';
import { isTimezone } from './timezone.ts';

const ZONES = [
  'UTC',
  'Europe/Moscow',
  'europe/moscow',
  'Asia/Kolkata',
  'America/Argentina/Buenos_Aires',
  'Etc/GMT+5',
  '+03:00',
  '-0530',
  '+03',
  '+05:45',
  '-00:00',
  '+23:59',
];

describe('a time zone', () => {
  test.each(ZONES)('%s is one, and its clock can be read', (timezone) => {
    expect(isTimezone(timezone)).toBe(true);
    expect(isInsideWindow({ from: '00:00', to: '00:00' }, timezone, new Date(0))).toBe(true);
  });

  test.each([
    '',
    'Mars/Olympus',
    'Moscow',
    '+24:00',
    '+03:60',
    '3',
    '+3',
    '+3:00',
    '03:00',
    ' UTC',
    'UTC ',
    'x'.repeat(65),
  ])('%j is none', (timezone) => {
    expect(isTimezone(timezone)).toBe(false);
  });

  test('every zone that this machine knows is one, and its clock can be read', () => {
    for (const timezone of Intl.supportedValuesOf('timeZone')) {
      expect(isTimezone(timezone), timezone).toBe(true);
      expect(isInsideWindow({ from: '00:00', to: '00:00' }, timezone, new Date(0)), timezone).toBe(true);
    }
  });
});
