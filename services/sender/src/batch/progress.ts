import type { EventBody, EventData } from '@herald/contracts';

/** What became of one message at one time. */
export type OutcomeBody = EventBody<'MessageSent' | 'MessageFailed' | 'MessageRetried' | 'MessageUnknown'>;

/** What is known of one message of a batch. */
export interface MessageProgress {
  readonly messageId: number;
  readonly clientId: string;
  /** Calls that were made and recorded. */
  readonly attempts: number;
  /** The answer to one of them was lost, and no later answer has told what became of the message. */
  readonly lost: boolean;
  readonly ended: boolean;
}

/** The messages of a batch before anything happened to them. */
export function initialProgress(queued: EventData<'MessagesQueued'>): MessageProgress[] {
  return queued.clientIds.map((clientId, index) => ({
    messageId: queued.firstMessageId + index,
    clientId,
    attempts: 0,
    lost: false,
    ended: false,
  }));
}

/** What is known of a message after an outcome of its own. Its first end is the one that counts, as in every read model. */
export function after<Progress extends MessageProgress>(message: Progress, outcome: OutcomeBody): Progress {
  if (message.ended) return message;
  const attempts = Math.max(message.attempts, outcome.data.attempt);
  if (outcome.type !== 'MessageRetried') return { ...message, attempts, ended: true };
  return { ...message, attempts, lost: message.lost || outcome.data.answer === 'lost' };
}

/** Folds one event of the batch's outcome subject into its messages, in their place. */
export function foldOutcome(messages: MessageProgress[], event: EventBody): void {
  switch (event.type) {
    case 'MessageSent':
    case 'MessageFailed':
    case 'MessageUnknown':
    case 'MessageRetried':
      update(messages, event.data.messageId, (message) => after(message, event));
      return;
    case 'MessagesExpired':
    case 'MessagesCancelled':
      for (const messageId of event.data.messageIds) {
        update(messages, messageId, (message) => ({ ...message, ended: true }));
      }
      return;
    // No other event stands on an outcome subject.
    default:
      return;
  }
}

/** The ids of a batch are consecutive, so the first one tells the place of each. */
function update(
  messages: MessageProgress[],
  messageId: number,
  change: (message: MessageProgress) => MessageProgress,
): void {
  const place = messageId - (messages[0]?.messageId ?? 0);
  const message = messages[place];
  if (message !== undefined) messages[place] = change(message);
}
