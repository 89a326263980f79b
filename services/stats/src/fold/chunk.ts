import type { Mailing } from '@herald/contracts';
import { type EventData, type MailingEventType, momentOf, type OutcomeType } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import type { BatchOutcomes } from '../database/batch-outcomes.ts';
import type { EndStatus } from '../database/statuses.ts';
import { type BatchState, batchKey, outcomesFor } from './batch-state.ts';
import { type ClientVersion, clientVersionOf } from './client-version.ts';
import { CountChanges, type Place } from './count-changes.ts';
import { storableAttempt, storableInstant, storableMoment, storableText } from './storable.ts';

/** A batch that became known in this chunk, and where that stands in the log. */
export interface QueuedBatch {
  readonly mailingId: string;
  readonly batch: number;
  readonly firstMessageId: number;
  readonly timezone: string;
  readonly clientIds: readonly string[];
  readonly createdAt: Date;
  readonly sequence: number;
}

/** A mailing as an event left it, and where that stands in the log. */
export interface MailingVersion {
  readonly type: MailingEventType;
  readonly mailing: Mailing;
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

/** A record that is folded now. */
type Standing = Pick<FoldedEvent['record'], 'sequence' | 'storedAt'>;

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
  readonly mailings: MailingVersion[] = [];
  readonly clients: ClientVersion[] = [];
  /** The last error of each message whose error changed; null where it has none any more. */
  readonly errors = new Map<number, string | null>();
  readonly counts = new CountChanges();

  /** @param known the batches that the events name, those that are queued by them left out; by {@link batchKey} */
  constructor(known: Map<string, BatchState>) {
    this.batches = known;
  }

  /** @throws Error where a batch is queued that is queued already */
  add({ event, record: { sequence, storedAt } }: FoldedEvent): void {
    // As answers name it: who asks for the state at the time of an event is to see the event.
    const record = { sequence, storedAt: Math.floor(storedAt) };
    switch (event.type) {
      case 'MessagesQueued':
        this.#queue(event.data, event.time, record);
        return;
      case 'OutcomesRecorded':
        this.#recordGroup(event.data, event.time, record);
        return;
      case 'MessageSent':
      case 'MessageFailed':
      case 'MessageUnknown':
      case 'MessageRetried':
      case 'MessageUndecided': {
        const { type, data } = event;
        const state = this.#find(data);
        if (state === undefined) return;
        this.#record(state, placeIn(state, record), data.messageId, type, data, Date.parse(event.time));
        return;
      }
      case 'MessagesExpired':
        this.#endAll(event.data, 'expired', Date.parse(event.time), record);
        return;
      case 'MessagesCancelled':
        this.#endAll(event.data, 'cancelled', Date.parse(event.time), record);
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
        this.mailings.push({ type: event.type, mailing: event.data.mailing, ...record });
        return;
      case 'ClientRegistered':
      case 'ClientChanged':
      case 'ClientRemoved':
        this.clients.push(clientVersionOf(event, record));
        return;
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

  #queue(data: EventData<'MessagesQueued'>, queuedAt: string, record: Standing): void {
    const { mailingId, batch, timezone, firstMessageId, clientIds } = data;
    const key = batchKey(mailingId, batch);
    // As the table's key does between chunks: the fold parks the event that queues a batch again.
    if (this.batches.has(key)) throw new Error(`batch ${batch} of ${mailingId} is queued already`);
    const messages = clientIds.length;
    const createdAt = storableInstant(queuedAt);
    const state = {
      mailingId,
      batch,
      firstMessageId,
      messages,
      queuedAt: createdAt.getTime(),
      outcomes: null,
      isChanged: false,
    };
    this.batches.set(key, state);
    this.queued.push({
      mailingId,
      batch,
      firstMessageId,
      timezone: storableText(timezone),
      clientIds,
      createdAt,
      sequence: record.sequence,
    });
    this.counts.queued(placeIn(state, record), messages);
  }

  /** Reads the outcomes where they stand: there are too many to copy each in the form of an event. */
  #recordGroup(data: EventData<'OutcomesRecorded'>, recordedAt: string, record: Standing): void {
    const state = this.#find(data);
    if (state === undefined) return;
    const place = placeIn(state, record);
    for (const grouped of data.outcomes) {
      const messageId = data.firstMessageId + grouped.place;
      this.#record(state, place, messageId, grouped.type, grouped, momentOf(grouped, recordedAt));
    }
  }

  #record(
    state: BatchState,
    place: Place,
    messageId: number,
    type: OutcomeType,
    { attempt, error = '' }: Facts,
    at: number,
  ): void {
    switch (type) {
      case 'MessageSent':
        this.#end(state, place, messageId, 'sent', at, attempt, null);
        return;
      case 'MessageFailed':
        this.#end(state, place, messageId, 'failed', at, attempt, error);
        return;
      case 'MessageUnknown':
        this.#end(state, place, messageId, 'unknown', at, attempt, error);
        return;
      case 'MessageRetried':
      // Counts as a retry where a call was made for it.
      case 'MessageUndecided':
        this.#retry(state, place, messageId, attempt, error);
        return;
      default:
        throw new Error(`${type satisfies never} is no outcome`);
    }
  }

  /** What expired or was cancelled keeps its attempts and its last error, which tells why it was not sent before. */
  #endAll(
    { messageIds, ...named }: Named & { messageIds: number[] },
    status: EndStatus,
    at: number,
    record: Standing,
  ): void {
    const state = this.#find(named);
    if (state === undefined) return;
    const place = placeIn(state, record);
    for (const messageId of messageIds) this.#end(state, place, messageId, status, at, 0, undefined);
  }

  /** @param error undefined keeps the one that is there */
  #end(
    state: BatchState,
    place: Place,
    messageId: number,
    status: EndStatus,
    at: number,
    attempts: number,
    error: string | null | undefined,
  ): void {
    const index = indexOf(state, messageId);
    if (index === null) return;
    const outcomes = outcomesFor(state);
    if (!outcomes.isQueued(index)) return;
    const endedAt = storableMoment(at);
    outcomes.end(index, status, endedAt);
    this.#raiseAttempts(outcomes, index, attempts);
    if (error !== undefined) this.#setError(state, index, error);
    markChanged(state, outcomes, index, place);
    this.counts.ended(place, status, endedAt);
  }

  /**
   * A retry counts once for each attempt, however often its record stands in the log: what was not acknowledged is sent
   * again, and may stand there twice. After the end of its message none counts.
   */
  #retry(state: BatchState, place: Place, messageId: number, attempt: number, error: string): void {
    const index = indexOf(state, messageId);
    if (index === null) return;
    const outcomes = outcomesFor(state);
    if (!outcomes.isQueued(index)) return;
    if (this.#raiseAttempts(outcomes, index, attempt)) this.counts.retried(place);
    else this.counts.touched(place);
    this.#setError(state, index, error);
    markChanged(state, outcomes, index, place);
  }

  /** @returns whether there were fewer */
  #raiseAttempts(outcomes: BatchOutcomes, index: number, attempts: number): boolean {
    const stored = storableAttempt(attempts);
    if (stored <= outcomes.attempts(index)) return false;
    outcomes.setAttempts(index, stored);
    return true;
  }

  #setError(state: BatchState, index: number, error: string | null): void {
    const outcomes = outcomesFor(state);
    if (error === null && !outcomes.hasError(index)) return;
    outcomes.setHasError(index, error !== null);
    this.errors.set(state.firstMessageId + index, error === null ? null : storableText(error));
  }
}

const placeIn = ({ mailingId, batch, queuedAt }: BatchState, { sequence, storedAt }: Standing): Place => ({
  mailingId,
  batch,
  queuedAt,
  sequence,
  storedAt,
});

function markChanged(state: BatchState, outcomes: BatchOutcomes, index: number, { sequence }: Place): void {
  outcomes.setPosition(index, sequence);
  state.isChanged = true;
}

/** @returns null for a message that the batch does not hold */
function indexOf({ firstMessageId, messages }: BatchState, messageId: number): number | null {
  const index = messageId - firstMessageId;
  return index >= 0 && index < messages ? index : null;
}
