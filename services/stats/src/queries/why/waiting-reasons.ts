import type { WhyReason } from '@herald/contracts';
import type { Facts, MailingFacts, MessageFacts } from './facts.ts';
import { reason } from './reason.ts';
import { windowNow } from './windows.ts';

/** Why a message is not sent yet: that it waits, and what it waits for, as far as one can tell. */
export function waitingReasons({ history, timezone }: MessageFacts, facts: Facts): readonly WhyReason[] {
  const { mailing, client, now } = facts;
  const queued = history.filter(({ event }) => event === 'MessagesQueued').slice(0, 1);
  const waits = queued.map((entry) => reason('queued', 'It waits to be sent.', entry));
  if (mailing === null) return waits;
  const over = overReasons(mailing, now);
  if (over.length > 0) return [...waits, ...over];
  const { newest } = client;
  if (newest?.isRemoved === true) {
    const text = 'The client was removed: the message fails when its turn comes.';
    return [...waits, reason('removed-before-call', text, newest)];
  }
  const { paused } = mailing;
  return [
    ...waits,
    ...(paused === null ? [] : [reason('paused', 'The mailing is paused.', paused)]),
    ...windowNow(newest ?? { timezone }, mailing, now),
  ];
}

/** A mailing that is over, of which this message has not heard yet. */
function overReasons({ deleted, expired, status, endAt, settings }: MailingFacts, now: Date): WhyReason[] {
  if (deleted !== null) {
    return [reason('mailing-deleted', 'The mailing was deleted: the message is to be cancelled.', deleted)];
  }
  const text = `The mailing ended at ${endAt}: the message is to expire.`;
  if (expired !== null) return [reason('deadline-passed', text, expired)];
  const isPast = (status === 'running' || status === 'paused') && now.getTime() >= Date.parse(endAt);
  return isPast ? [reason('deadline-passed', text, settings)] : [];
}
