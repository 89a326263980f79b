import type { MessageStatus } from '@herald/contracts';
import type { EndStatus } from '../database/statuses.ts';

/** How a chunk changes the counters of one mailing. */
export interface CounterChange {
  readonly counts: Record<MessageStatus, number>;
  retries: number;
  /** Milliseconds since 1970. */
  firstSentAt: number | null;
  lastSentAt: number | null;
  /** How many messages ended in each minute, by the milliseconds at which it began. */
  readonly minutes: Map<number, Record<EndStatus, number>>;
}

const MINUTE_MS = 60_000;

/** Sums up what a chunk has done, by mailing and by minute. */
export class Tally {
  readonly counters = new Map<string, CounterChange>();

  queued(mailingId: string, count: number): void {
    this.#counter(mailingId).counts.queued += count;
  }

  /** A message, counted as queued before, has ended. `at` is in milliseconds since 1970. */
  ended(mailingId: string, status: EndStatus, at: number): void {
    const counter = this.#counter(mailingId);
    counter.counts.queued -= 1;
    counter.counts[status] += 1;
    minuteOf(counter, at)[status] += 1;
    if (status !== 'sent') return;
    if (counter.firstSentAt === null || at < counter.firstSentAt) counter.firstSentAt = at;
    if (counter.lastSentAt === null || at > counter.lastSentAt) counter.lastSentAt = at;
  }

  retried(mailingId: string): void {
    this.#counter(mailingId).retries += 1;
  }

  #counter(mailingId: string): CounterChange {
    const known = this.counters.get(mailingId);
    if (known !== undefined) return known;
    const counts = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
    const made = { counts, retries: 0, firstSentAt: null, lastSentAt: null, minutes: new Map() };
    this.counters.set(mailingId, made);
    return made;
  }
}

function minuteOf({ minutes }: CounterChange, at: number): Record<EndStatus, number> {
  const minute = at - (at % MINUTE_MS);
  const known = minutes.get(minute);
  if (known !== undefined) return known;
  const made = { sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
  minutes.set(minute, made);
  return made;
}
