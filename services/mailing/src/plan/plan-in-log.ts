import { type EventData, eventSubjects, type Mailing, parseEvent } from '@herald/contracts';
import { type Broker, loadLast, readLog, UnreadableEventError } from '@herald/event-log';

/** One batch of a plan, as it stands in the log. */
export type QueuedBatch = EventData<'MessagesQueued'>;

/** What the log says of the plan of a mailing that was started. */
export type PlanInLog =
  /** All of its batches are there. */
  | {
      readonly kind: 'resolved';
      readonly audience: NonNullable<Mailing['audience']>;
      /** Message ids; `null` where there are none. */
      readonly first: number | null;
      readonly last: number | null;
    }
  /** None of its batches are there, or a part of them. */
  | {
      readonly kind: 'open';
      /** The lowest and the highest message id of those; `null` where there are none. */
      readonly first: number | null;
      readonly last: number | null;
    };

interface Looking {
  /** Position of the mailing's start: no batch stands before it. */
  readonly startedAt: number;
  /** The batches of an open plan are not read. */
  readonly isBrief: boolean;
  readonly signal: AbortSignal;
}

/**
 * Looks what the log says of a mailing's plan: two to three requests of less than 0.3 ms each for one that is resolved. Of any
 * other the batches are read.
 *
 * @throws the client's errors when the broker does not answer
 */
export async function findPlanInLog(
  broker: Broker,
  mailingId: string,
  { startedAt, isBrief, signal }: Looking,
): Promise<PlanInLog> {
  const audience = await findAudience(broker, mailingId);
  if (audience === null) {
    if (isBrief) return { kind: 'open', first: null, last: null };
    return { kind: 'open', ...(await idsOfAll(broker, mailingId, startedAt, signal)) };
  }
  const { first, last } =
    (await idsOfWhole(broker, mailingId, audience)) ?? (await idsOfAll(broker, mailingId, startedAt, signal));
  return { kind: 'resolved', audience, first, last };
}

/** The audience of a mailing as its last event tells it; `null` while it is not resolved. */
export async function findAudience(broker: Broker, mailingId: string): Promise<Mailing['audience']> {
  const last = await unlessUnreadable(loadLast(broker, eventSubjects.mailing(mailingId)));
  return last !== null && 'mailing' in last.event.data ? last.event.data.mailing.audience : null;
}

interface MessageIds {
  readonly first: number | null;
  readonly last: number | null;
}

/** The ids of a plan that was cut in one piece, by its first and its last batch; `null` where it was not. */
async function idsOfWhole(
  broker: Broker,
  mailingId: string,
  { messages, batches }: NonNullable<Mailing['audience']>,
): Promise<MessageIds | null> {
  if (batches === 0) return { first: null, last: null };
  const [begin, end] = await Promise.all(
    [0, batches - 1].map((batch) =>
      unlessUnreadable(loadLast(broker, eventSubjects.queued(mailingId, batch))),
    ),
  );
  if (begin?.event.type !== 'MessagesQueued' || end?.event.type !== 'MessagesQueued') return null;
  const first = begin.event.data.firstMessageId;
  const last = lastIdOf(end.event.data);
  return last - first + 1 === messages ? { first, last } : null;
}

async function idsOfAll(
  broker: Broker,
  mailingId: string,
  startedAt: number,
  signal: AbortSignal,
): Promise<MessageIds> {
  let first: number | null = null;
  let last: number | null = null;
  for await (const batches of readQueued(broker, mailingId, startedAt, signal)) {
    for (const batch of batches) {
      first = Math.min(first ?? batch.firstMessageId, batch.firstMessageId);
      last = Math.max(last ?? 0, lastIdOf(batch));
    }
  }
  return { first, last };
}

/** The id of a batch's last message. */
export const lastIdOf = ({ firstMessageId, clientIds }: QueuedBatch): number =>
  firstMessageId + clientIds.length - 1;

/** So many batches of up to 250 clients are read at a time: some 3 MB. */
const CHUNK_BATCHES = 256;

/**
 * Reads the batches of a mailing that stand in the log now, in the order in which they were appended. One that cannot be read
 * is left out: no sender can read it either.
 *
 * @throws the signal's reason when it aborts: a part would be taken for all
 */
export async function* readQueued(
  broker: Broker,
  mailingId: string,
  startedAt: number,
  signal: AbortSignal,
): AsyncGenerator<readonly QueuedBatch[]> {
  const reading = {
    filter: eventSubjects.queuedOf(mailingId),
    startSequence: startedAt,
    chunkRecords: CHUNK_BATCHES,
    stopAtEnd: true,
    signal,
  };
  for await (const records of readLog(broker, reading)) {
    signal.throwIfAborted();
    yield records.flatMap(({ text }) => {
      const batch = readBatch(text);
      return batch === null ? [] : [batch];
    });
  }
  signal.throwIfAborted();
}

function readBatch(text: string): QueuedBatch | null {
  try {
    const event = parseEvent(text);
    return event.type === 'MessagesQueued' ? event.data : null;
  } catch {
    return null;
  }
}

/** What stands there and cannot be read says nothing: the fold parks it where it matters. */
async function unlessUnreadable<Found>(loading: Promise<Found | null>): Promise<Found | null> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof UnreadableEventError) return null;
    throw error;
  }
}
