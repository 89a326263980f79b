import type { LocalWindow, Mailing } from '@herald/contracts';
import { type OpenMailing, openMailing } from '../../src/mailings/open-mailing.ts';
import type { Schedule } from './schedule.ts';

const base: Mailing = {
  id: 'simulated',
  name: null,
  text: 'Hello',
  startAt: new Date(0).toISOString(),
  endAt: new Date(0).toISOString(),
  filter: { everyone: true },
  localWindow: null,
  rateLimit: null,
  priority: 5,
  status: 'running',
  version: 1,
  createdAt: new Date(0).toISOString(),
  updatedAt: new Date(0).toISOString(),
  startedAt: new Date(0).toISOString(),
  endedAt: null,
  settledAt: null,
  audience: null,
};

/** The mailing as the log has it, and as it had it at every moment before. */
export class SimulatedMailing {
  readonly #schedule: Schedule;
  readonly #history: Array<{ readonly at: number; readonly open: OpenMailing | undefined }> = [];
  readonly #listeners = new Set<(open: OpenMailing | undefined) => void>();
  readonly #expireAfterMs: number;

  /** @param expireAfterMs how late the scheduler's event is */
  constructor(schedule: Schedule, endAtMs: number, localWindow: LocalWindow | null, expireAfterMs: number) {
    this.#schedule = schedule;
    this.#expireAfterMs = expireAfterMs;
    this.#append({ ...base, endAt: new Date(endAtMs).toISOString(), localWindow });
    this.#expireLater();
  }

  get current(): OpenMailing | undefined {
    return this.#history.at(-1)?.open;
  }

  /** As it was known in the log at a time. */
  at(time: number): OpenMailing | undefined {
    return this.#history.findLast((entry) => entry.at <= Math.max(0, time))?.open;
  }

  onChange(listener: (open: OpenMailing | undefined) => void): void {
    this.#listeners.add(listener);
  }

  change(change: Partial<Mailing>): void {
    const open = this.current;
    const isOver = open === undefined || !['running', 'paused'].includes(open.mailing.status);
    if (isOver || this.#schedule.now >= open.endAtMs) return;
    this.#append({ ...open.mailing, ...change, version: open.mailing.version + 1 });
    if (change.endAt !== undefined) this.#expireLater();
  }

  /** Every message has ended. */
  settle(): void {
    if (this.current === undefined) return;
    this.#history.push({ at: this.#schedule.now, open: undefined });
    for (const listener of this.#listeners) listener(undefined);
  }

  #append(mailing: Mailing): void {
    const sequence = this.#history.length + 1;
    const open = openMailing(mailing, sequence, 1);
    this.#history.push({ at: this.#schedule.now, open });
    for (const listener of this.#listeners) listener(open);
  }

  #expireLater(): void {
    const open = this.current;
    if (open === undefined) return;
    const { endAt } = open.mailing;
    this.#schedule.after(open.endAtMs - this.#schedule.now + this.#expireAfterMs, () => {
      const now = this.current;
      if (now?.mailing.endAt !== endAt || !['running', 'paused'].includes(now.mailing.status)) return;
      this.#append({ ...now.mailing, status: 'expired' });
    });
  }
}

/** Windows of the simulation open for the first half of every minute, in one zone, and for the second in the other. */
export const ZONES = ['UTC', 'Asia/Vladivostok'] as const;
const HALF_MS = 30_000;

export function isWindowOpen(window: LocalWindow, timezone: string, now: number): boolean {
  return Math.floor(now / HALF_MS) % 2 === phaseOf(window, timezone);
}

export function untilWindowOpens(window: LocalWindow, timezone: string, now: number): number {
  if (isWindowOpen(window, timezone, now)) return 0;
  return HALF_MS - (now % HALF_MS);
}

const phaseOf = (window: LocalWindow, timezone: string): number =>
  (timezone === ZONES[0] ? 0 : 1) ^ (window.from === '00:00' ? 0 : 1);
