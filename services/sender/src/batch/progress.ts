import {
  type EventBody,
  type EventData,
  type HeraldEvent,
  type MessageOutcome,
  type OutcomeType,
  outcomesOf,
} from '@herald/contracts';
import type { FirstRejection } from '../provider/token-trust.ts';

/** What became of one message at one time. */
export type OutcomeBody = EventBody<OutcomeType>;

/** What is known of one message of a batch. */
export interface MessageProgress {
  readonly messageId: number;
  readonly clientId: string;
  /** Calls that were made and recorded. */
  readonly attempts: number;
  /** The answer to one of them was lost, and no later answer has told what became of the message. */
  readonly lost: boolean;
  /** Calls that the provider refused in its own words. */
  readonly refusals: number;
  /** Calls that were answered with 401 or 403: how many, and when the first of them was. */
  readonly rejected: (FirstRejection & { readonly times: number }) | null;
  readonly ended: boolean;
  /** How often nobody could decide what to do with it. */
  readonly looks: number;
  /** Why what is known of it could not be taken in; `null` where it could. */
  readonly unreadable: string | null;
  /** True where a record of it that the log holds is what cannot be read. */
  readonly isRecordBad?: true;
}

/** The messages of a batch before anything happened to them. */
export function initialProgress(queued: EventData<'MessagesQueued'>): MessageProgress[] {
  return queued.clientIds.map((clientId, index) => ({
    messageId: queued.firstMessageId + index,
    clientId,
    attempts: 0,
    lost: false,
    refusals: 0,
    rejected: null,
    ended: false,
    looks: 0,
    unreadable: null,
  }));
}

/** What is known of a message after an outcome of its own. Its first end is the one that counts, as in every read model. */
export function after<Progress extends MessageProgress>(
  message: Progress,
  outcome: MessageOutcome,
): Progress {
  if (message.ended) return message;
  const attempts = Math.max(message.attempts, outcome.data.attempt);
  switch (outcome.type) {
    case 'MessageSent':
    case 'MessageFailed':
    case 'MessageUnknown':
      return { ...message, attempts, ended: true };
    case 'MessageRetried':
      return { ...message, attempts, ...afterRetry(message, outcome.data) };
    case 'MessageUndecided':
      return { ...message, attempts, looks: Math.max(message.looks, outcome.data.look) };
    default:
      return outcome satisfies never;
  }
}

/** What a call that did not end the message adds to what is known of it. */
function afterRetry(
  message: MessageProgress,
  { attempt, answer, refusal, call }: Omit<EventData<'MessageRetried'>, 'clientId'>,
): Partial<MessageProgress> {
  const lost = message.lost || answer === 'lost';
  // A record that was sent to the log twice is one call.
  if (attempt <= message.attempts) return { lost };
  switch (refusal) {
    case undefined:
      return { lost };
    case 'message':
      return { lost, refusals: message.refusals + 1 };
    case 'token': {
      const first = message.rejected ?? { times: 0, ...timesOf(call) };
      return { lost, rejected: { ...first, times: first.times + 1 } };
    }
    default:
      return refusal satisfies never;
  }
}

function timesOf({ startedAt, durationMs }: EventData<'MessageRetried'>['call']): FirstRejection {
  const beganMs = Date.parse(startedAt);
  return { beganMs, cameBackMs: beganMs + durationMs };
}

/**
 * What is certain after an outcome that broke {@link after}: whether the message has ended, how often it was called for
 * and looked at. What else the outcome says is missing, so the message is not called for.
 */
export function afterPlainly<Progress extends MessageProgress>(
  message: Progress,
  { type, data }: MessageOutcome,
  reason: string,
): Progress {
  return {
    ...message,
    ended: message.ended || (type !== 'MessageRetried' && type !== 'MessageUndecided'),
    attempts: Math.max(message.attempts, data.attempt),
    lost: message.lost || (type === 'MessageRetried' && data.answer === 'lost'),
    looks: type === 'MessageUndecided' ? Math.max(message.looks, data.look) : message.looks,
    unreadable: reason,
  };
}

/** The log holds something about a message that cannot be read: it may have been called for, and delivered. */
export const afterUnreadable = (message: MessageProgress, reason: string): MessageProgress => ({
  ...message,
  lost: true,
  unreadable: reason,
  isRecordBad: true,
});

/**
 * Folds one event of the batch's outcome subject into its messages, in their place.
 *
 * @param change what an outcome of its own makes of a message
 */
export function foldOutcomes(messages: MessageProgress[], event: HeraldEvent, change: Change = after): void {
  if (event.type === 'MessagesExpired' || event.type === 'MessagesCancelled') {
    endAll(messages, event.data.messageIds);
    return;
  }
  if (event.type === 'OutcomesRecorded') refuseForeign(messages, event.data);
  // No other event stands on an outcome subject.
  for (const { outcome } of outcomesOf(event)) foldOutcome(messages, outcome, change);
}

/** @throws Error where a record speaks of messages that its batch does not have */
function refuseForeign(
  messages: readonly MessageProgress[],
  { firstMessageId, outcomes }: EventData<'OutcomesRecorded'>,
): void {
  const isForeign =
    firstMessageId !== messages[0]?.messageId || outcomes.some(({ place }) => place >= messages.length);
  if (isForeign) throw new Error('a record of outcomes names messages of another batch');
}

type Change = (message: MessageProgress, outcome: MessageOutcome) => MessageProgress;

/** Folds one outcome into the messages of its batch, in their place. */
export function foldOutcome(
  messages: MessageProgress[],
  outcome: MessageOutcome,
  change: Change = after,
): void {
  update(messages, outcome.data.messageId, (message) => change(message, outcome));
}

/** These have ended, expired or cancelled. */
export function endAll(messages: MessageProgress[], messageIds: readonly number[]): void {
  for (const messageId of messageIds) update(messages, messageId, (message) => ({ ...message, ended: true }));
}

/** Changes one message in its place; the ids of a batch are consecutive, so the first one tells the place of each. */
export function update(
  messages: MessageProgress[],
  messageId: number,
  change: (message: MessageProgress) => MessageProgress,
): void {
  const place = messageId - (messages[0]?.messageId ?? 0);
  const message = messages[place];
  if (message !== undefined) messages[place] = change(message);
}
