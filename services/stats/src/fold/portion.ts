import {
  type EventBody,
  type HeraldEvent,
  type Mailing,
  type MessageOutcome,
  outcomesOf,
} from '@herald/contracts';
import type { EndStatus } from '../database/statuses.ts';

/** A message that became known in this portion, with all that the portion says of it. */
export interface NewMessage {
  readonly id: number;
  readonly mailingId: string;
  readonly clientId: string;
  readonly batch: number;
  readonly createdAt: string;
  attempts: number;
  error: string | null;
  end: MessageEnd | null;
}

/** How a message ended. `attempts` null leaves those that were counted. */
export interface MessageEnd {
  readonly status: EndStatus;
  readonly at: string;
  readonly attempts: number | null;
  readonly error: string | null;
}

/** The retries of a message that was known before this portion. */
export interface MessageRetry {
  /**
   * The attempts that were retried, each higher than the one before: a record that was sent again names one that is not.
   */
  readonly attempts: number[];
  error: string | null;
}

/** A batch that was queued, and where that stands in the log. */
export interface QueuedBatch {
  readonly mailingId: string;
  readonly batch: number;
  readonly sequence: number;
}

/**
 * Folds a portion of events in memory: what happens to one message becomes one row, and a message that is queued and
 * ends in the same portion is written once, ended. Of several ends the first counts, here as in the database.
 */
export class Portion {
  readonly newMessages = new Map<number, NewMessage>();
  readonly ends = new Map<number, MessageEnd>();
  readonly retries = new Map<number, MessageRetry>();
  /** Retries of messages that became known in this portion, by mailing. */
  readonly retriesOfMailing = new Map<string, number>();
  readonly batches: QueuedBatch[] = [];
  readonly mailings = new Map<string, Mailing>();

  add(event: HeraldEvent, sequence: number): void {
    switch (event.type) {
      case 'MessagesQueued':
        this.#queue(event.data, event.time, sequence);
        return;
      case 'OutcomesRecorded':
      case 'MessageSent':
      case 'MessageFailed':
      case 'MessageUnknown':
      case 'MessageRetried':
      case 'MessageUndecided':
        for (const { outcome, at } of outcomesOf(event)) this.#record(outcome, at);
        return;
      case 'MessagesExpired':
        this.#endAll(event.data.messageIds, end('expired', event.time, null, null));
        return;
      case 'MessagesCancelled':
        this.#endAll(event.data.messageIds, end('cancelled', event.time, null, null));
        return;
      case 'MailingCreated':
      case 'MailingChanged':
      case 'MailingStarted':
      case 'MailingAudienceResolved':
      case 'MailingPaused':
      case 'MailingResumed':
      case 'MailingExpired':
      case 'MailingDeleted':
      case 'MailingSettled':
        this.mailings.set(event.data.mailing.id, event.data.mailing);
        return;
      case 'ClientRegistered':
      case 'ClientChanged':
      case 'ClientRemoved':
      case 'BatchCompleted':
        return;
      default:
        event satisfies never;
    }
  }

  #record(outcome: MessageOutcome, at: string): void {
    const { type, data } = outcome;
    switch (type) {
      case 'MessageSent':
        this.#end(data.messageId, end('sent', at, data.attempt, null));
        return;
      case 'MessageFailed':
        this.#end(data.messageId, end('failed', at, data.attempt, data.error));
        return;
      case 'MessageUnknown':
        this.#end(data.messageId, end('unknown', at, data.attempt, data.error));
        return;
      case 'MessageRetried':
      // Counts as a retry where a call was made for it.
      case 'MessageUndecided':
        this.#retry(data);
        return;
      default:
        outcome satisfies never;
    }
  }

  #queue(data: EventBody<'MessagesQueued'>['data'], createdAt: string, sequence: number): void {
    const { mailingId, batch, firstMessageId } = data;
    this.batches.push({ mailingId, batch, sequence });
    for (const [index, clientId] of data.clientIds.entries()) {
      const id = firstMessageId + index;
      // As the table's key does between portions: the fold parks the event that names a message again.
      if (this.newMessages.has(id)) throw new Error(`message ${id} is queued already`);
      const message = { id, mailingId, clientId, batch, createdAt, attempts: 0, error: null, end: null };
      this.newMessages.set(id, message);
    }
  }

  #end(id: number, how: MessageEnd): void {
    const message = this.newMessages.get(id);
    if (message === undefined) {
      if (!this.ends.has(id)) this.ends.set(id, how);
    } else if (message.end === null) {
      message.end = how;
      message.attempts = Math.max(message.attempts, how.attempts ?? 0);
      if (!keepsError(how.status)) message.error = how.error;
    }
  }

  #endAll(ids: readonly number[], how: MessageEnd): void {
    for (const id of ids) this.#end(id, how);
  }

  /**
   * A retry counts once for each attempt, however often its record stands in the log: what was not acknowledged is sent
   * again, and may stand there twice. After the end of its message none counts.
   */
  #retry({ messageId, mailingId, attempt, error }: Retried): void {
    const message = this.newMessages.get(messageId);
    if (message === undefined) {
      this.#retryKnown(messageId, attempt, error);
      return;
    }
    if (message.end !== null) return;
    if (attempt > message.attempts) {
      message.attempts = attempt;
      this.retriesOfMailing.set(mailingId, (this.retriesOfMailing.get(mailingId) ?? 0) + 1);
    }
    message.error = storable(error);
  }

  /** Which of these attempts are new is decided in the database. */
  #retryKnown(messageId: number, attempt: number, error: string): void {
    if (this.ends.has(messageId)) return;
    const known = this.retries.get(messageId) ?? { attempts: [], error: null };
    if (attempt > (known.attempts.at(-1) ?? -1)) known.attempts.push(attempt);
    known.error = storable(error);
    this.retries.set(messageId, known);
  }
}

type Retried = Extract<MessageOutcome, { type: 'MessageRetried' | 'MessageUndecided' }>['data'];

/** Longer errors are cut: they stand in every row of a list. The log has them whole. */
const ERROR_CHARACTERS = 500;

/** Errors come from outside: no control character (PostgreSQL's text holds no NUL) must park an outcome or swell a page. */
const storable = (error: string): string => error.replaceAll(/\p{Cc}/gu, ' ').slice(0, ERROR_CHARACTERS);

const end = (status: EndStatus, at: string, attempts: number | null, error: string | null): MessageEnd => ({
  status,
  at,
  attempts,
  error: error === null ? null : storable(error),
});

/** What expired or was cancelled keeps its last error, which tells why it was not sent before. */
export const keepsError = (status: EndStatus): boolean => status === 'expired' || status === 'cancelled';
