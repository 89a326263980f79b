import type { EndStatus } from '../database/statuses.ts';
import { binOf } from './timeline-bin.ts';

/** How a record of the log changed the counts of its mailing, in one bin of the timeline. */
export interface CountChange {
  readonly mailingId: string;
  readonly batch: number;
  /** Position of the record, and when the log stored it (milliseconds since 1970). */
  readonly sequence: number;
  readonly storedAt: number;
  /** Bin of the ends, milliseconds since 1970; `null` for what is no end: messages that are queued, and retries. */
  readonly bin: number | null;
  /** Width of the bin, milliseconds; 0 without a bin. */
  readonly width: number;
  queued: number;
  readonly ended: Record<EndStatus, number>;
  retries: number;
  /** Of what was sent, milliseconds since 1970. */
  firstSentAt: number | null;
  lastSentAt: number | null;
}

/** A record that is folded: where it stands, and of which batch it speaks. */
export interface Place {
  readonly mailingId: string;
  readonly batch: number;
  readonly sequence: number;
  readonly storedAt: number;
  /** When the batch was queued, milliseconds since 1970. */
  readonly queuedAt: number;
}

/**
 * Gathers how the records of a chunk change the counts. The counters and the timeline are the sums of these changes; the
 * changes themselves are kept, so that the state of any past moment is a sum too.
 */
export class CountChanges {
  readonly all: CountChange[] = [];
  /** Those of the record that is folded now: mostly one, since what is recorded together ended together. */
  #current: CountChange[] = [];

  queued(place: Place, messages: number): void {
    this.#change(place, null, 0).queued += messages;
  }

  /** Something of a message changed that counts for nothing: that it did is kept all the same. */
  touched(place: Place): void {
    this.#change(place, null, 0);
  }

  retried(place: Place): void {
    this.#change(place, null, 0).retries += 1;
  }

  /** A message, counted as queued before, has ended. `at` is in milliseconds since 1970. */
  ended(place: Place, status: EndStatus, at: number): void {
    const bin = binOf(at, place.queuedAt);
    const change = this.#change(place, bin.at, bin.width);
    change.ended[status] += 1;
    if (status !== 'sent') return;
    if (change.firstSentAt === null || at < change.firstSentAt) change.firstSentAt = at;
    if (change.lastSentAt === null || at > change.lastSentAt) change.lastSentAt = at;
  }

  #change({ mailingId, batch, sequence, storedAt }: Place, bin: number | null, width: number): CountChange {
    if (this.#current[0]?.sequence !== sequence) this.#current = [];
    for (const known of this.#current) if (known.bin === bin && known.width === width) return known;
    const made: CountChange = {
      mailingId,
      batch,
      sequence,
      storedAt,
      bin,
      width,
      queued: 0,
      ended: { sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
      retries: 0,
      firstSentAt: null,
      lastSentAt: null,
    };
    this.#current.push(made);
    this.all.push(made);
    return made;
  }
}
