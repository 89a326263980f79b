import type { Mailing } from '@herald/contracts';
import { AlarmClock } from './alarm-clock.ts';
import { nextAlarm } from './next-alarm.ts';

/**
 * The next alarm of each mailing, as the newest event of it says that is known here. What one mailing is comes from two
 * sides, from whoever has just moved it and from the log: the older of the two may come last, and must change nothing.
 */
export class MailingAlarms {
  readonly #clock: AlarmClock;
  /** The position of the event that the alarm was set by. */
  readonly #positions = new Map<string, number>();

  /** @param ring must not throw */
  constructor(ring: (mailingId: string) => void) {
    this.#clock = new AlarmClock(ring);
  }

  /** How many alarms are set. */
  get size(): number {
    return this.#clock.size;
  }

  /** @param position of the event that says so, or where an answer was current to */
  set(mailingId: string, mailing: Pick<Mailing, 'status' | 'startAt' | 'endAt'>, position: number): void {
    if (position < (this.#positions.get(mailingId) ?? 0)) return;
    const at = nextAlarm(mailing);
    if (at === null) {
      this.#clock.clear(mailingId);
      // Nothing comes after that; an older state that came now would ring, and whoever looks would find it over.
      this.#positions.delete(mailingId);
      return;
    }
    this.#positions.set(mailingId, position);
    this.#clock.set(mailingId, at);
  }

  /** Rings again at that moment, whatever is known. */
  ringAgain(mailingId: string, at: Date): void {
    this.#clock.set(mailingId, at);
  }

  clearAll(): void {
    this.#clock.clearAll();
  }
}
