import { type HeraldEvent, type LocalWindow, type Mailing, makeEvent } from '@herald/contracts';
import { someMailing } from '@herald/testkit';
import { type OpenMailing, openMailing } from '../../src/mailings/open-mailing.ts';
import { idOf, MAILING_ID } from './ids.ts';
import type { Schedule } from './schedule.ts';

const base = someMailing({
  id: MAILING_ID,
  startAt: new Date(0).toISOString(),
  status: 'running',
  startedAt: new Date(0).toISOString(),
});

/** One state of the mailing, and the event that carries it. */
interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly event: HeraldEvent;
  readonly open: OpenMailing | undefined;
}

/** The mailing as the log has it, and as it had it at every moment before. */
export class SimulatedMailing {
  readonly #schedule: Schedule;
  readonly #history: Entry[] = [];
  readonly #listeners = new Set<() => void>();
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

  /** The last state before it was settled. */
  get last(): OpenMailing | undefined {
    return this.#history.findLast(({ open }) => open !== undefined)?.open;
  }

  /** What stands behind a position of the log. */
  since(sequence: number): readonly Entry[] {
    return this.#history.slice(sequence);
  }

  onChange(listener: () => void): void {
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
    const { current } = this;
    if (current !== undefined) this.#append(current.mailing, true);
  }

  #append(mailing: Mailing, isSettled = false): void {
    const sequence = this.#history.length + 1;
    const at = this.#schedule.now;
    const open = isSettled ? undefined : openMailing(mailing, sequence, 1);
    const type = isSettled ? 'MailingSettled' : 'MailingChanged';
    const event = makeEvent(
      { type, data: { mailing, recentCommands: [] } },
      { source: 'mailing', correlationId: 'simulated' },
      new Date(at),
      idOf(sequence),
    );
    this.#history.push({ at, sequence, event, open });
    for (const listener of this.#listeners) listener();
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
