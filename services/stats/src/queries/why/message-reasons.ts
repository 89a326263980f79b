import type { WhyReason } from '@herald/contracts';
import type { HistoryEntry } from '../message-history/history.ts';
import { failedReasons, unknownReasons } from './ended-reasons.ts';
import type { Facts, MailingFacts, MessageFacts } from './facts.ts';
import { reason } from './reason.ts';
import { waitingReasons } from './waiting-reasons.ts';
import { windowNeverOpen } from './windows.ts';

/** Why a message has the status that it has: what says so first, then what led to it. */
export function reasonsOfMessage(message: MessageFacts, facts: Facts): readonly WhyReason[] {
  const reasons = readable(message, facts);
  if (reasons.length > 0) return reasons;
  const source = { event: null, position: message.position, at: message.at };
  return [
    reason('record-unreadable', `It is ${message.status}; the record that says so cannot be read.`, source),
  ];
}

function readable(message: MessageFacts, facts: Facts): readonly WhyReason[] {
  const { mailing, client } = facts;
  switch (message.status) {
    case 'sent':
      return saidBy(message, 'MessageSent', (end) => [
        reason('sent', `The provider took it with call ${end.attempt}.`, end),
      ]);
    case 'failed':
      return saidBy(message, 'MessageFailed', (end) => failedReasons(end, message, client));
    case 'unknown':
      return saidBy(message, 'MessageUnknown', (end) => unknownReasons(end, message, mailing));
    case 'expired':
      return saidBy(message, 'MessagesExpired', (end) => [
        reason('not-sent-in-time', 'It had not been sent when the mailing ended.', end),
        ...deadline(mailing),
        ...heldUp(message, facts),
        ...lastAttempt(message),
      ]);
    case 'cancelled':
      return saidBy(message, 'MessagesCancelled', (end) => [
        reason('cancelled', 'It had not been sent when the mailing was deleted.', end),
        ...deletion(mailing),
        ...lastAttempt(message),
      ]);
    case 'queued':
      return [...waitingReasons(message, facts), ...lastAttempt(message)];
    default:
      return message.status satisfies never;
  }
}

/** The record that ended the message, where it can be read. */
function saidBy(
  { history }: MessageFacts,
  event: string,
  reasonsOf: (end: HistoryEntry) => readonly WhyReason[],
): readonly WhyReason[] {
  const end = history.find((entry) => entry.event === event);
  return end === undefined ? [] : reasonsOf(end);
}

function deadline(mailing: MailingFacts | null): WhyReason[] {
  if (mailing === null || mailing.expired === null) return [];
  return [reason('deadline-passed', `The mailing ended at ${mailing.endAt}.`, mailing.expired)];
}

function deletion(mailing: MailingFacts | null): WhyReason[] {
  if (mailing === null || mailing.deleted === null) return [];
  return [reason('mailing-deleted', 'The mailing was deleted.', mailing.deleted)];
}

/** What kept a message from its turn until the end of its mailing, as far as one can tell. */
function heldUp(message: MessageFacts, { mailing, client }: Facts): WhyReason[] {
  if (mailing === null) return [];
  const { paused } = mailing;
  return [
    ...(paused === null ? [] : [reason('paused', 'The mailing was paused when its end came.', paused)]),
    ...(hasAttempts(message) ? [] : windowNeverOpen(message.timezone, mailing, client)),
  ];
}

const hasAttempts = ({ history }: MessageFacts): boolean =>
  history.some(({ event }) => event === 'MessageRetried');

function lastAttempt({ history }: MessageFacts): WhyReason[] {
  const last = history.findLast(({ event }) => event === 'MessageRetried' || event === 'MessageUndecided');
  if (last === undefined) return [];
  const text =
    last.event === 'MessageUndecided'
      ? `The sender could not decide what to do with it: ${last.error}.`
      : `Call ${last.attempt} did not deliver it: ${last.error}${last.answer === 'lost' ? ' (its answer was lost)' : ''}.`;
  return [reason('last-attempt', text, last)];
}
