import type { LocalWindow } from '@herald/contracts';
import { canonicalTimezone, isInsideWindow, nextWindowOpening } from '@herald/domain';

const MINUTE_MS = 60_000;

/** `no-zone`: the time zone cannot be read, so nobody can say when the window opens. */
export type WindowLook = 'open' | 'closed' | 'no-zone';

/**
 * Whether a local window is open in a zone. Windows begin and end at full minutes, so one look at the calendar (tens
 * of microseconds) serves all messages of the same minute and zone.
 */
export class WindowClock {
  readonly #looks = new Map<string, WindowLook>();
  #minute = -1;

  look(window: LocalWindow, timezone: string, now: number): WindowLook {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#looks.clear();
      this.#minute = minute;
    }
    const key = `${window.from} ${window.to} ${timezone}`;
    let look = this.#looks.get(key);
    if (look === undefined) {
      look = lookNow(window, timezone, now);
      this.#looks.set(key, look);
    }
    return look;
  }

  /**
   * How long until the window opens in a zone, milliseconds. At once where the zone cannot be read: the next look at
   * such a message ends it.
   */
  untilOpening(window: LocalWindow, timezone: string, now: number): number {
    if (canonicalTimezone(timezone) === null) return 0;
    return nextWindowOpening(window, timezone, new Date(now)).getTime() - now;
  }
}

function lookNow(window: LocalWindow, timezone: string, now: number): WindowLook {
  if (canonicalTimezone(timezone) === null) return 'no-zone';
  return isInsideWindow(window, timezone, new Date(now)) ? 'open' : 'closed';
}
