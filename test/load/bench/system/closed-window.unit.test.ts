import { expect, test } from 'vitest';
import { TIMEZONES } from './client-rows.ts';
import { closedWindow } from './closed-window.ts';

const HOUR_MS = 3_600_000;
const hourIn = (timeZone: string, at: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(at);

test('gives a window that is closed in the zones of all clients for half a day, whatever the hour', () => {
  for (let hour = 0; hour < 24; hour++) {
    const begin = Date.UTC(2026, 5, 1, hour, 59);
    const { from, to } = closedWindow(new Date(begin));
    expect(to).toBe(from.replace(/00$/, '01'));
    for (let later = 0; later <= 12; later++) {
      for (const zone of TIMEZONES)
        expect(`${hourIn(zone, begin + later * HOUR_MS)}:00`, zone).not.toBe(from);
    }
  }
});
