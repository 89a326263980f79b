import type { MessageOutcome } from '@herald/contracts';
import type { Decisions } from './decisions.ts';
import { isolated } from './isolation.ts';
import { endedWithoutCall, type MadeCall, type OutcomeContext, whichMessage } from './outcome.ts';
import { afterPlainly, type MessageProgress, type OutcomeBody } from './progress.ts';

/** So often a message is looked at in vain before it is set aside, over all deliveries and processes. */
export const MOST_LOOKS = 3;

/** How long until a message is looked at again that could not be decided so many times, milliseconds. */
export const lookAgainMs = (looks: number): number => 2_000 * 2 ** (Math.max(looks, 1) - 1);

export const undecidable = (reason: string): string => `undecidable: ${reason}`;

/**
 * One more look found no decision. The last one ends the message: failed, or unknown where an answer was lost.
 * Nothing here depends on more than the message's ids and counts.
 */
export function lookedInVain(
  message: MessageProgress,
  reason: string,
  context: OutcomeContext,
  attempts = message.attempts,
): OutcomeBody {
  const look = message.looks + 1;
  const error = undecidable(reason);
  if (look >= MOST_LOOKS) return endedWithoutCall({ ...message, attempts }, error, context);
  const data = { ...whichMessage(message, context), attempt: attempts, look, error };
  return { type: 'MessageUndecided', data };
}

/** What an outcome says where the decision about it broke. */
export interface Recording {
  readonly body: OutcomeBody;
  /** Why this is not what the call came to; `null` where all is well. */
  readonly broke: string | null;
}

/** The outcome of a call that was made, whatever breaks on the way: an answer is never dropped. */
export function recordingOf(
  decisions: Decisions,
  message: MessageProgress,
  made: MadeCall,
  context: OutcomeContext,
): Recording {
  const decided = isolated(() => decisions.outcome(message, made, context));
  if (decided.ok) return { body: decided.value, broke: null };
  const { kind } = made.answer;
  const isDelivered = kind === 'sent' || kind === 'lost';
  return { body: calledInVain(message, decided.reason, context, isDelivered), broke: decided.reason };
}

/**
 * A call was begun, and what came of it cannot be told.
 *
 * @param mayBeDelivered then nobody may call again for it, and nobody may say that it failed
 */
function calledInVain(
  message: MessageProgress,
  reason: string,
  context: OutcomeContext,
  mayBeDelivered: boolean,
): OutcomeBody {
  const attempts = message.attempts + 1;
  return mayBeDelivered
    ? endedWithoutCall({ ...message, attempts, lost: true }, undecidable(reason), context)
    : lookedInVain(message, reason, context, attempts);
}

/** What is said of a call that broke by an error of ours: one that was never asked for is looked at again. */
export const brokenCall = (
  message: MessageProgress,
  { asked, reason }: { readonly asked: boolean; readonly reason: string },
  context: OutcomeContext,
): OutcomeBody =>
  asked ? calledInVain(message, reason, context, true) : lookedInVain(message, reason, context);

/** What can be said in place of an outcome that cannot be written, in the plainest words. */
export function inPlaceOf(
  { type, data }: OutcomeBody,
  message: MessageProgress,
  reason: string,
  context: OutcomeContext,
): OutcomeBody {
  switch (type) {
    case 'MessageSent':
    case 'MessageUnknown':
      return endedWithoutCall(
        { ...message, attempts: data.attempt, lost: true },
        undecidable(reason),
        context,
      );
    case 'MessageRetried':
      return data.answer === 'lost'
        ? endedWithoutCall({ ...message, attempts: data.attempt, lost: true }, undecidable(reason), context)
        : lookedInVain(message, reason, context, data.attempt);
    case 'MessageFailed':
      return endedWithoutCall({ ...message, attempts: data.attempt }, undecidable(reason), context);
    case 'MessageUndecided':
      return lookedInVain(message, reason, context, data.attempt);
    default:
      return type satisfies never;
  }
}

/** A message that could not be decided, as it is told to the operator. */
export interface UndecidedMessage {
  readonly messageId: number;
  readonly clientId: string;
  /** The decision that broke; `stored` where a record of the log cannot be read, which is no error of deciding. */
  readonly stage: 'turn' | 'call' | 'answer' | 'record' | 'fold' | 'stored';
  readonly reason: string;
  /** True where the message is not looked at again. */
  readonly isSetAside: boolean;
}

/** Has it said loudly that a decision about a message broke; `body` is what stands in the log for it. */
export const sayUndecided = (
  stage: UndecidedMessage['stage'],
  { type, data: { messageId, clientId } }: OutcomeBody,
  reason: string,
): { readonly kind: 'say-undecided'; readonly message: UndecidedMessage } => {
  const isSetAside = stage !== 'fold' && type !== 'MessageUndecided';
  return { kind: 'say-undecided', message: { messageId, clientId, stage, reason, isSetAside } };
};

/** What is known of a message after an outcome of its own, also where the decision about that breaks. */
export function afterIsolated<Progress extends MessageProgress>(
  message: Progress,
  outcome: MessageOutcome,
  decide: Decisions['after'],
): { readonly message: Progress; readonly broke: string | null } {
  const decided = isolated(() => decide(message, outcome));
  if (decided.ok) return { message: decided.value, broke: null };
  return { message: afterPlainly(message, outcome, decided.reason), broke: decided.reason };
}
