import type { MsgHdrs } from 'nats';
import type { OfferResult } from './publish-protocol.ts';

/** A publish that the log has not answered for good. */
export interface PendingPublish {
  readonly subject: string;
  readonly payload: string;
  readonly headers: MsgHdrs | undefined;
  readonly token: string;
  /** Given up at once where the store is full. */
  readonly isOffer: boolean;
  readonly resolve: (result: OfferResult) => void;
  readonly reject: (reason: unknown) => void;
  /** When it was sent first, or would have been; on the clock of `performance.now()`, as `sentAt`. */
  readonly beganAt: number;
  sentAt: number;
  attempts: number;
  /** An answer to the last attempt is missing. */
  unanswered: boolean;
  /** An attempt may have been stored although no answer says so. */
  uncertain: boolean;
  /** How often the store was found full. */
  foundFull: number;
  /** Runs until the next attempt, where the last one was answered. */
  timer: NodeJS.Timeout | undefined;
}

/** How many publishes wait, by the first word of their subject. */
export function countBySubject(pending: Iterable<PendingPublish>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { subject } of pending) {
    const [kind = subject] = subject.split('.', 1);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
