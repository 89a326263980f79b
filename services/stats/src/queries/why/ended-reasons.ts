import type { WhyReason } from '@herald/contracts';
import { canonicalTimezone } from '@herald/domain';
import type { HistoryEntry } from '../message-history/history.ts';
import type { ClientFacts, MailingFacts, MessageFacts } from './facts.ts';
import { reason } from './reason.ts';

/** The words in which senders record why a message ended without an answer of the provider. */
const CLIENT_REMOVED = 'client-removed';
const TIME_ZONE_UNKNOWN = 'time-zone-unknown';
const UNDECIDABLE = 'undecidable: ';

export function failedReasons(
  end: HistoryEntry,
  message: MessageFacts,
  { newest }: ClientFacts,
): readonly WhyReason[] {
  const error = end.error ?? '';
  if (error === CLIENT_REMOVED) {
    const removed =
      newest?.isRemoved === true ? [reason('removed-before-call', 'The client was removed.', newest)] : [];
    return [reason('client-removed', 'The client was gone when its turn came.', end), ...removed];
  }
  if (error === TIME_ZONE_UNKNOWN) {
    return [
      reason('time-zone-unknown', 'No local window can be read in the time zone of the client.', end),
      ...zoneUnreadable(newest),
    ];
  }
  if (error.startsWith(UNDECIDABLE)) return [undecidable(end, message)];
  return [reason('refused', `The provider refused it for good with call ${end.attempt}: ${error}.`, end)];
}

/** What the client's own event says of a zone that no window can be read in. */
export function zoneUnreadable(newest: ClientFacts['newest']): WhyReason[] {
  if (newest === null || newest.isRemoved || canonicalTimezone(newest.timezone) !== null) return [];
  const text = `The time zone of the client is ${JSON.stringify(newest.timezone)}.`;
  return [reason('time-zone-unknown', text, newest)];
}

export function unknownReasons(
  end: HistoryEntry,
  message: MessageFacts,
  mailing: MailingFacts | null,
): readonly WhyReason[] {
  const earlier = lost(message);
  if (end.error?.startsWith(UNDECIDABLE) === true) return [undecidable(end, message), ...earlier];
  if (end.durationMs === null) {
    const text = 'The answer to a call was lost; whether it was delivered is not known.';
    return [reason('answer-lost', text, end), ...earlier, ...over(mailing)];
  }
  // The call that ended it is the one whose answer was lost, where no other is.
  const text =
    earlier.length === 0
      ? `The answer to call ${end.attempt} was lost, and it is not repeated: ${end.error}.`
      : `Call ${end.attempt} did not tell what became of it: ${end.error}.`;
  return [reason('answer-lost', text, end), ...earlier];
}

const undecidable = (end: HistoryEntry, { history }: MessageFacts): WhyReason => {
  const looks = history.filter(({ event }) => event === 'MessageUndecided').length + 1;
  return reason('undecidable', `The sender could not decide about it, ${looks} times: ${end.error}.`, end);
};

/** The call whose answer was lost. */
function lost({ history }: MessageFacts): WhyReason[] {
  const call = history.findLast(({ answer }) => answer === 'lost');
  if (call === undefined) return [];
  return [reason('answer-lost', `The answer to call ${call.attempt} was lost: ${call.error}.`, call)];
}

/** What made an end of it. */
function over(mailing: MailingFacts | null): WhyReason[] {
  if (mailing === null) return [];
  const { deleted, expired, endAt } = mailing;
  if (expired !== null) return [reason('deadline-passed', `The mailing ended at ${endAt}.`, expired)];
  return deleted === null ? [] : [reason('mailing-deleted', 'The mailing was deleted.', deleted)];
}
