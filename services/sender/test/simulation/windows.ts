import type { LocalWindow } from '@herald/contracts';
import type { BatchDependencies } from '../../src/batch/batch-dependencies.ts';
import type { Poison } from './poison.ts';

/** Windows of the simulation open for the first half of every minute, in one zone, and for the second in the other. */
export const ZONES = ['UTC', 'Asia/Vladivostok'] as const;
const HALF_MS = 30_000;

function isWindowOpen(window: LocalWindow, timezone: string, now: number): boolean {
  return Math.floor(now / HALF_MS) % 2 === phaseOf(window, timezone);
}

function untilWindowOpens(window: LocalWindow, timezone: string, now: number): number {
  if (isWindowOpen(window, timezone, now)) return 0;
  return HALF_MS - (now % HALF_MS);
}

const phaseOf = (window: LocalWindow, timezone: string): number =>
  (timezone === ZONES[0] ? 0 : 1) ^ (window.from === '00:00' ? 0 : 1);

/** The calendar of the simulation, which breaks in one zone. */
export const simulatedWindows = (poison: Poison): BatchDependencies['windows'] => ({
  look: (window, timezone, now) => {
    poison.strikeZone('window', timezone);
    return isWindowOpen(window, timezone, now) ? 'open' : 'closed';
  },
  untilOpening: (window, timezone, now) => {
    poison.strikeZone('opening', timezone);
    return untilWindowOpens(window, timezone, now);
  },
});
