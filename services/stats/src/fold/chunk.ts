import {
  type EventData,
  type HeraldEvent,
  type Mailing,
  momentOf,
  type OutcomeType,
} from '@herald/contracts';
import type { BatchOutcomes } from '../database/batch-outcomes.ts';
import type { EndStatus } from '../database/statuses.ts';
import { type BatchState, batchKey, outcomesFor } from './batch-state.ts';
import { storableAttempt, storableInstant, storableMoment, storableText } from './storable.ts';
import { Tally } from './tally.ts';

/** A batch that became known in this chunk, and where that stands in the log. */
export interface QueuedBatch {
  readonly mailingId: string;
  readonly batch: number;
  readonly firstMessageId: number;
  readonly clientIds: readonly string[];
  readonly createdAt: Date;
  readonly sequence: number;
}

/** What counts of an outcome, in whichever form it stands in the log. */
interface Facts {
  readonly attempt: number;
  /** Only a sent message has none. */
  readonly error?: string;
}

/** The batch of which something is said. */
interface Named {
  readonly mailingId: string;
  readonly batch: number;
}

/**
 * Folds a chunk of events in memory, one after another, over the batches as they stood before it. Whether a message's
 * batch was queued in this chunk or long before makes no difference, so it makes none where the log is cut in chunks.
 * Of several ends of a message the first counts.
 */
export class Chunk {
  readonly batches: Map<string, BatchState>;
  readonly queued: QueuedBatch[] = [];
  readonly mailings = new Map<string, Mailing>();
  /** The last error of each message whose error changed; null where it has none any more. */
  readonly errors = new Map<number, string | null>();
  readonly tally = new Tally();

  /** @param known the batches that the events name, those that are queued by them left out; by {@link batchKey} */
  constructor(known: Map<string, BatchState>) {
    this.batches = known;
  }

  /** @throws Error where a batch is queued that is queued already */
  add(event: HeraldEvent, sequence: number): void {
    switch (event.type) {
      case 'MessagesQueued':
        this.#queue(event.data, event.time, sequence);
        return;
      case 'OutcomesRecorded':
        this.#recordGroup(event.data, event.time);
        return;
      case 'MessageSent':
      case 'MessageFailed':
      case 'MessageUnknown':
      case 'MessageRetried':
      case 'MessageUndecided': {
        const { type, data } = event;
        const state = this.#find(data);
        if (state !== undefined) this.#record(state, data.messageId, type, data, Date.parse(event.time));
        return;
      }
      case 'MessagesExpired':
        this.#endAll(event.data, 'expired', Date.parse(event.time));
        return;
      case 'MessagesCancelled':
        this.#endAll(event.data, 'cancelled', Date.parse(event.time));
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

  /** What is said of a batch that was never queued is said of nobody. */
  #find({ mailingId, batch }: Named): BatchState | undefined {
    return this.batches.get(batchKey(mailingId, batch));
  }

  #queue(data: EventData<'MessagesQueued'>, createdAt: string, sequence: number): void {
    const { mailingId, batch, firstMessageId, clientIds } = data;
    const key = batchKey(mailingId, batch);
    // As the table's key does between chunks: the fold parks the event that queues a batch again.
    if (this.batches.has(key)) throw new Error(`batch ${batch} of ${mailingId} is queued already`);
    const messages = clientIds.length;
    this.batches.set(key, { mailingId, firstMessageId, messages, outcomes: null, isChanged: false });
    this.queued.push({
      mailingId,
      batch,
      firstMessageId,
      clientIds,
      createdAt: storableInstant(createdAt),
      sequence,
    });
    this.tally.queued(mailingId, messages);
  }

  /** Reads the outcomes where they stand: there are too many to copy each in the form of an event. */
  #recordGroup(data: EventData<'OutcomesRecorded'>, recordedAt: string): void {
    const state = this.#find(data);
    if (state === undefined) return;
    for (const grouped of data.outcomes) {
      const messageId = data.firstMessageId + grouped.place;
      this.#record(state, messageId, grouped.type, grouped, momentOf(grouped, recordedAt));
    }
  }

  #record(
    state: BatchState,
    messageId: number,
    type: OutcomeType,
    { attempt, error = '' }: Facts,
    at: number,
  ): void {
    switch (type) {
      case 'MessageSent':
        this.#end(state, messageId, 'sent', at, attempt, null);
        return;
      case 'MessageFailed':
        this.#end(state, messageId, 'failed', at, attempt, error);
        return;
      case 'MessageUnknown':
        this.#end(state, messageId, 'unknown', at, attempt, error);
        return;
      case 'MessageRetried':
      // Counts as a retry where a call was made for it.
      case 'MessageUndecided':
        this.#retry(state, messageId, attempt, error);
        return;
      default:
        throw new Error(`${type satisfies never} is no outcome`);
    }
  }

  /** What expired or was cancelled keeps its attempts and its last error, which tells why it was not sent before. */
  #endAll({ messageIds, ...named }: Named & { messageIds: number[] }, status: EndStatus, at: number): void {
    const state = this.#find(named);
    if (state === undefined) return;
    for (const messageId of messageIds) this.#end(state, messageId, status, at, 0, undefined);
  }

  /** @param error undefined keeps the one that is there */
  #end(
    state: BatchState,
    messageId: number,
    status: EndStatus,
    at: number,
    attempts: number,
    error: string | null | undefined,
  ): void {
    const place = placeOf(state, messageId);
    if (place === null) return;
    const outcomes = outcomesFor(state);
    if (!outcomes.isQueued(place)) return;
    const endedAt = storableMoment(at);
    outcomes.end(place, status, endedAt);
    this.#raiseAttempts(outcomes, place, attempts);
    if (error !== undefined) this.#setError(state, place, error);
    state.isChanged = true;
    this.tally.ended(state.mailingId, status, endedAt);
  }

  /**
   * A retry counts once for each attempt, however often its record stands in the log: what was not acknowledged is sent
   * again, and may stand there twice. After the end of its message none counts.
   */
  #retry(state: BatchState, messageId: number, attempt: number, error: string): void {
    const place = placeOf(state, messageId);
    if (place === null) return;
    const outcomes = outcomesFor(state);
    if (!outcomes.isQueued(place)) return;
    if (this.#raiseAttempts(outcomes, place, attempt)) this.tally.retried(state.mailingId);
    this.#setError(state, place, error);
    state.isChanged = true;
  }

  /** @returns whether there were fewer */
  #raiseAttempts(outcomes: BatchOutcomes, place: number, attempts: number): boolean {
    const stored = storableAttempt(attempts);
    if (stored <= outcomes.attempts(place)) return false;
    outcomes.setAttempts(place, stored);
    return true;
  }

  #setError(state: BatchState, place: number, error: string | null): void {
    const outcomes = outcomesFor(state);
    if (error === null && !outcomes.hasError(place)) return;
    outcomes.setHasError(place, error !== null);
    this.errors.set(state.firstMessageId + place, error === null ? null : storableText(error));
  }
}

/** @returns null for a message that the batch does not hold */
function placeOf({ firstMessageId, messages }: BatchState, messageId: number): number | null {
  const place = messageId - firstMessageId;
  return place >= 0 && place < messages ? place : null;
}
