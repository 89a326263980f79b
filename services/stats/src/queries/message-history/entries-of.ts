import {
  cutRecord,
  type HeraldEvent,
  type MessageOutcome,
  outcomesOf,
  type ProviderCall,
  parseEvent,
} from '@herald/contracts';
import type { LogRecord } from '@herald/event-log';
import type { HistoryEntry } from './history.ts';

/**
 * The events of a record. What cannot be read must not hide the rest: neither other records, nor the other outcomes of its
 * own.
 */
export function readEvents(text: string, unreadable: (error: unknown) => void): HeraldEvent[] {
  try {
    return [parseEvent(text)];
  } catch (error) {
    const alone = cutRecord(text);
    if (alone.length === 0) unreadable(error);
    return alone.flatMap((one) => readEvents(one, unreadable));
  }
}

/** What an event says of one message; nothing when it is about others. */
export function entriesOf(
  event: HeraldEvent,
  messageId: number,
  { sequence }: Pick<LogRecord, 'sequence'>,
): HistoryEntry[] {
  const entry = (at: string, name: string): HistoryEntry => ({
    at,
    event: name,
    position: sequence,
    actor: event.actor ?? null,
    correlationId: event.correlationid,
    ...NO_CALL,
  });
  switch (event.type) {
    case 'MessagesQueued':
      return [entry(event.time, event.type)];
    case 'MessagesExpired':
    case 'MessagesCancelled':
      return event.data.messageIds.includes(messageId) ? [entry(event.time, event.type)] : [];
    default:
      return outcomesOf(event)
        .filter(({ outcome }) => outcome.data.messageId === messageId)
        .map(({ outcome, at }) => ({ ...entry(at, outcome.type), ...saidBy(outcome) }));
  }
}

export const NO_CALL = { attempt: null, statusCode: null, durationMs: null, error: null, answer: null };

function saidBy({ type, data }: MessageOutcome): Partial<HistoryEntry> {
  const { attempt } = data;
  switch (type) {
    case 'MessageSent':
      return { attempt, ...callOf(data.call) };
    case 'MessageRetried':
      return { attempt, error: data.error, answer: data.answer, ...callOf(data.call) };
    case 'MessageFailed':
    case 'MessageUnknown':
      return { attempt, error: data.error, ...callOf(data.call) };
    case 'MessageUndecided':
      return { attempt, error: data.error };
    default:
      return type satisfies never;
  }
}

const callOf = (call: ProviderCall | null): Pick<HistoryEntry, 'statusCode' | 'durationMs'> => ({
  statusCode: call?.statusCode ?? null,
  durationMs: call?.durationMs ?? null,
});
