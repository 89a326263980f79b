import { DEFAULT_PRIORITY, type HeraldEvent, type Mailing } from '@herald/contracts';
import type { SteadyClock } from '../steady-clock.ts';
import { type OpenMailing, openMailing } from './open-mailing.ts';
import { type Standing, standingOf } from './standing.ts';

export interface OpenMailingsOptions {
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: SteadyClock;
  /** So long before its end no call of a mailing begins any more, milliseconds. */
  readonly guardMs: number;
  /** When a mailing ends by the clock, milliseconds since 1970. */
  readonly endOf: (mailing: Mailing) => number;
  /** Something changed: a new state, the last moments before the end, the end, or it is open no more. */
  readonly onChange: (mailingId: string) => void;
}

/** A timer cannot be set further ahead, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The mailings that are open, from `MailingStarted` to `MailingSettled`, each in its newest known state. */
export class OpenMailings {
  readonly #options: OpenMailingsOptions;
  readonly #open = new Map<string, OpenMailing>();
  /** Each stops the timer of a mailing. */
  readonly #timers = new Map<string, () => void>();

  constructor(options: OpenMailingsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  get(mailingId: string): OpenMailing | undefined {
    return this.#open.get(mailingId);
  }

  /** What may be done now; `undefined` when the mailing is open no more. */
  standing(mailingId: string, now: number): Standing | undefined {
    const open = this.#open.get(mailingId);
    return open && standingOf(open.mailing.status, open.lastBeginMs, now);
  }

  /** Its weight among the others; the middle one where it is open no more. */
  priority(mailingId: string): number {
    return this.#open.get(mailingId)?.mailing.priority ?? DEFAULT_PRIORITY;
  }

  /** Takes in a mailing that was open already when this process looked. */
  add(mailing: Mailing, sequence: number, startedSequence: number): void {
    this.#put(mailing, sequence, startedSequence);
  }

  /** Folds one event of the log. What is older than the known state is left out. */
  apply(event: HeraldEvent, sequence: number): void {
    switch (event.type) {
      case 'MailingStarted':
        if (!this.#isKnown(event.data.mailing.id, sequence)) this.add(event.data.mailing, sequence, sequence);
        return;
      case 'MailingChanged':
      case 'MailingAudienceResolved':
      case 'MailingPaused':
      case 'MailingResumed':
      case 'MailingExpired':
      case 'MailingDeleted': {
        const open = this.#open.get(event.data.mailing.id);
        if (open === undefined || open.sequence >= sequence) return;
        this.#put(event.data.mailing, sequence, open.startedSequence);
        return;
      }
      case 'MailingSettled':
        this.#remove(event.data.mailing.id);
        return;
      // A mailing is created before it starts; everything else is not about mailings.
      default:
        return;
    }
  }

  close(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
  }

  #isKnown(mailingId: string, sequence: number): boolean {
    const open = this.#open.get(mailingId);
    return open !== undefined && open.sequence >= sequence;
  }

  #put(mailing: Mailing, sequence: number, startedSequence: number): void {
    const { endOf, guardMs } = this.#options;
    const open = openMailing(mailing, sequence, startedSequence, endOf, guardMs);
    this.#open.set(open.mailing.id, open);
    this.#watchEnd(open);
    this.#options.onChange(open.mailing.id);
  }

  #remove(mailingId: string): void {
    if (!this.#open.delete(mailingId)) return;
    this.#timers.get(mailingId)?.();
    this.#timers.delete(mailingId);
    this.#options.onChange(mailingId);
  }

  /** Wakes its users at the guard and at the end: by then they must have stopped, event or no event. */
  #watchEnd(open: OpenMailing): void {
    const { id } = open.mailing;
    this.#timers.get(id)?.();
    const now = this.#options.now();
    const next = now < open.lastBeginMs ? open.lastBeginMs : open.endAtMs;
    if (next <= now) {
      this.#timers.delete(id);
      return;
    }
    const stop = this.#options.clock.after(Math.min(next - now, LONGEST_TIMER_MS), () => {
      this.#watchEnd(open);
      this.#options.onChange(id);
    });
    this.#timers.set(id, stop);
  }
}
