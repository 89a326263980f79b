import type { EventBody, ProviderCall } from '@herald/contracts';
import type { MessageAnswer } from '../provider/answer.ts';
import type { MessageProgress, OutcomeBody } from './progress.ts';

/** A call that was made, as the log is to know it. */
export interface MadeCall {
  readonly answer: MessageAnswer;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
}

export interface OutcomeContext {
  readonly mailingId: string;
  readonly batch: number;
  /** Of the mailing whose text was used. */
  readonly mailingVersion: number;
  /** Whether the provider honours the message id, so that a lost answer may be repeated. */
  readonly idempotent: boolean;
  /** How many calls in all a message has that the provider refuses for what it is. */
  readonly refusalAttempts: number;
}

/** The event that an answered or broken call leads to. */
export function outcomeOf(message: MessageProgress, made: MadeCall, context: OutcomeContext): OutcomeBody {
  const { answer } = made;
  const call: ProviderCall = {
    startedAt: new Date(made.startedAt).toISOString(),
    durationMs: Math.round(made.durationMs * 100) / 100,
    statusCode: answer.statusCode,
  };
  const base = { ...whichMessage(message, context), attempt: message.attempts + 1 };
  switch (answer.kind) {
    case 'sent':
      return { type: 'MessageSent', data: { ...base, call } };
    case 'failed':
      return { type: 'MessageFailed', data: { ...base, error: answer.error, call } };
    case 'declined': {
      if (message.refusals + 1 >= context.refusalAttempts)
        return { type: 'MessageFailed', data: { ...base, error: answer.error, call } };
      const refused = { ...base, error: answer.error, answer: 'refused', refusal: 'message', call } as const;
      return { type: 'MessageRetried', data: refused };
    }
    case 'rejected': {
      const times = (message.rejected?.times ?? 0) + 1;
      if (answer.counts && message.refusals + times >= context.refusalAttempts) {
        // The check of a token looks at no message: it does not tell what became of one whose answer was lost.
        const type = message.lost ? 'MessageUnknown' : 'MessageFailed';
        return { type, data: { ...base, error: answer.error, call } };
      }
      const refused = { ...base, error: answer.error, answer: 'refused', refusal: 'token', call } as const;
      return { type: 'MessageRetried', data: refused };
    }
    case 'refused':
    case 'throttled':
      return { type: 'MessageRetried', data: { ...base, error: answer.error, answer: 'refused', call } };
    case 'lost':
      return context.idempotent
        ? { type: 'MessageRetried', data: { ...base, error: answer.error, answer: 'lost', call } }
        : { type: 'MessageUnknown', data: { ...base, error: answer.error, call } };
    default:
      return answer satisfies never;
  }
}

/**
 * The end of a message that is not called for any more: it failed for the reason given, or, where the answer to a
 * call was lost and never told, nobody will know.
 */
export function endedWithoutCall(
  message: MessageProgress,
  error: string,
  context: OutcomeContext,
): EventBody<'MessageFailed' | 'MessageUnknown'> {
  const data = { ...whichMessage(message, context), attempt: message.attempts, error, call: null };
  return message.lost ? { type: 'MessageUnknown', data } : { type: 'MessageFailed', data };
}

/** The end of messages that nothing is done for any more, all in one, or of one. */
export type RestBody = EventBody<
  'MessagesExpired' | 'MessagesCancelled' | 'MessageFailed' | 'MessageUnknown'
>;

/**
 * The end of what remains of a batch whose mailing is over: all at once, except for messages with a call whose answer
 * was lost, of which nobody knows.
 */
export function restOf(
  messages: readonly MessageProgress[],
  isDeleted: boolean,
  context: OutcomeContext,
): RestBody[] {
  const rest = messages.filter((message) => !message.ended);
  const messageIds = rest.filter((message) => !message.lost).map((message) => message.messageId);
  const bodies: RestBody[] = rest
    .filter((message) => message.lost)
    .map((message) => endedWithoutCall(message, 'answer-lost', context));
  if (messageIds.length > 0) {
    const data = { mailingId: context.mailingId, batch: context.batch, messageIds };
    bodies.unshift({ type: isDeleted ? 'MessagesCancelled' : 'MessagesExpired', data });
  }
  return bodies;
}

/** The ids that every outcome of one message carries. */
export const whichMessage = (message: MessageProgress, context: OutcomeContext) => ({
  mailingId: context.mailingId,
  batch: context.batch,
  messageId: message.messageId,
  clientId: message.clientId,
  mailingVersion: context.mailingVersion,
});
