import type { MessageStatus } from '@herald/contracts';
import type { LoggedOutcome, ObservedMailing } from './observation.ts';

export type Ending = {
  readonly status: Exclude<MessageStatus, 'queued'>;
  readonly storedAt: number;
};

/** How and when each message ended, by the log: the first end counts. What has not ended is not in it. */
export function endingsOf(mailing: ObservedMailing): ReadonlyMap<number, Ending> {
  const endings = new Map<number, Ending>();
  for (const outcome of mailing.outcomes) {
    const status = statusOf(outcome);
    if (status === null || endings.has(outcome.messageId)) continue;
    endings.set(outcome.messageId, { status, storedAt: outcome.storedAt });
  }
  return endings;
}

function statusOf({ kind }: LoggedOutcome): Ending['status'] | null {
  return kind === 'refused' || kind === 'lost' ? null : kind;
}

/** How many messages of a mailing were planned and had not ended at a moment. */
export function queuedAt(mailing: ObservedMailing, moment: number): number {
  const endings = endingsOf(mailing);
  return mailing.planned.filter(({ messageId, queuedAt: since }) => {
    const ended = endings.get(messageId);
    return since <= moment && (ended === undefined || ended.storedAt > moment);
  }).length;
}
