import type { EventData, HeraldEvent } from '@herald/contracts';

/** What is known of one message of a batch. */
export interface MessageProgress {
  readonly messageId: number;
  readonly clientId: string;
  /** Calls that were made and recorded. */
  attempts: number;
  /** The answer to one of them was lost, and no later answer has told what became of the message. */
  lost: boolean;
  ended: boolean;
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

/**
 * Folds one event of the batch's outcome subject into its messages. The first end of a message is the one that
 * counts, as in every read model.
 */
export function foldOutcome(messages: readonly MessageProgress[], event: HeraldEvent): void {
  switch (event.type) {
    case 'MessageSent':
    case 'MessageFailed':
    case 'MessageUnknown':
      end(messages, event.data.messageId, event.data.attempt);
      return;
    case 'MessageRetried': {
      const message = find(messages, event.data.messageId);
      if (message === undefined || message.ended) return;
      message.attempts = Math.max(message.attempts, event.data.attempt);
      if (event.data.answer === 'lost') message.lost = true;
      return;
    }
    case 'MessagesExpired':
    case 'MessagesCancelled':
      for (const messageId of event.data.messageIds) end(messages, messageId, 0);
      return;
    // No other event stands on an outcome subject.
    default:
      return;
  }
}

function end(messages: readonly MessageProgress[], messageId: number, attempt: number): void {
  const message = find(messages, messageId);
  if (message === undefined) return;
  message.attempts = Math.max(message.attempts, attempt);
  message.ended = true;
}

/** The ids of a batch are consecutive, so the first one tells the place of each. */
function find(messages: readonly MessageProgress[], messageId: number): MessageProgress | undefined {
  const first = messages[0];
  return first === undefined ? undefined : messages[messageId - first.messageId];
}
