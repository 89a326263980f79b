import type { MessageStatus } from '@herald/contracts';
import type { EndStatus } from '../database/statuses.ts';

/** How a portion changes the counters of one mailing. */
export interface CounterChange {
  readonly counts: Record<MessageStatus, number>;
  retries: number;
  firstSentAt: Date | null;
  lastSentAt: Date | null;
}

/** How many messages of a mailing ended in one minute, by status. */
export interface MinuteChange {
  readonly mailingId: string;
  readonly at: Date;
  readonly counts: Record<EndStatus, number>;
}

const MINUTE_MS = 60_000;

/** Sums up what a portion has done, by mailing and by minute. */
export class Tally {
  readonly counters = new Map<string, CounterChange>();
  readonly minutes = new Map<string, MinuteChange>();

  queued(mailingId: string, count = 1): void {
    this.#counter(mailingId).counts.queued += count;
  }

  /** These messages, counted as queued before, have ended between two moments of the same minute. */
  ended(mailingId: string, status: EndStatus, first: Date, last: Date, count = 1): void {
    const counter = this.#counter(mailingId);
    counter.counts.queued -= count;
    counter.counts[status] += count;
    this.#minute(mailingId, first).counts[status] += count;
    if (status !== 'sent') return;
    if (counter.firstSentAt === null || first < counter.firstSentAt) counter.firstSentAt = first;
    if (counter.lastSentAt === null || last > counter.lastSentAt) counter.lastSentAt = last;
  }

  retried(mailingId: string, count: number): void {
    this.#counter(mailingId).retries += count;
  }

  #counter(mailingId: string): CounterChange {
    const known = this.counters.get(mailingId);
    if (known !== undefined) return known;
    const counts = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
    const made: CounterChange = { counts, retries: 0, firstSentAt: null, lastSentAt: null };
    this.counters.set(mailingId, made);
    return made;
  }

  #minute(mailingId: string, moment: Date): MinuteChange {
    const at = new Date(Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS);
    const key = `${mailingId} ${at.getTime()}`;
    const known = this.minutes.get(key);
    if (known !== undefined) return known;
    const made: MinuteChange = {
      mailingId,
      at,
      counts: { sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
    };
    this.minutes.set(key, made);
    return made;
  }
}
