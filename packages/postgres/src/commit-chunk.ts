import type { LogRecord } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Checkpoint, CheckpointMovedError, moveCheckpoint } from './checkpoint.ts';
import { eventIdOf, type FoldedEvent, parseAll, type UnfoldedRecord } from './chunk.ts';
import { isOutage, isStructureGone } from './outage.ts';
import { park } from './parked-events.ts';

/** How a fold writes, of its options. */
export interface Writing<Tables> {
  readonly name: string;
  readonly database: Kysely<Tables>;
  readonly log: Logger;
  readonly apply: (
    transaction: Transaction<Tables>,
    events: readonly FoldedEvent[],
    isAlone: boolean,
  ) => Promise<void>;
  readonly lookAhead?: (events: readonly FoldedEvent[]) => Promise<void>;
}

/** What a transaction has led to. */
interface Committed {
  readonly checkpoint: Checkpoint;
  readonly events: readonly FoldedEvent[];
  readonly parked: number;
  /** The record behind the checkpoint, where only a newer release can read it. */
  readonly newer: UnfoldedRecord | null;
}

/**
 * Writes records and the checkpoint behind them in one transaction. What cannot be read or written is parked in it,
 * except what a newer release wrote: there it ends.
 *
 * @throws CheckpointMovedError, and what the database throws where no event is to blame: nothing was written
 */
export async function commitChunk<Tables>(
  writing: Writing<Tables>,
  from: Checkpoint,
  records: readonly LogRecord[],
): Promise<Committed> {
  const { name, database, log, apply, lookAhead } = writing;
  const { readable, unreadable, newer } = parseAll(records);
  const last = newer === null ? records.at(-1) : records[records.indexOf(newer.record) - 1];
  if (last === undefined) return { checkpoint: from, events: [], parked: 0, newer };
  const lastRead = readable.at(-1);
  const lastEventId = lastRead?.record === last ? lastRead.event.id : eventIdOf(last);
  const to = { sequence: last.sequence, lastEventId, storedAt: last.storedAt };
  if (readable.length > 0) await lookAhead?.(readable);
  const write = (applyAll: (transaction: Transaction<Tables>) => Promise<Failed[]>): Promise<number> =>
    database.transaction().execute(async (transaction) => {
      // First: whoever holds the checkpoint's row holds the model still, and waits for no row of it (docs/adr/0042).
      await moveCheckpoint(transaction, name, from, to);
      const all = [...unreadable, ...(await applyAll(transaction))];
      let parkedNow = 0;
      for (const { record, error } of all) {
        const { sequence, subject } = record;
        log.error({ err: error, fold: name, sequence, subject }, 'an event was parked');
        if (await park(transaction, name, record, error)) parkedNow += 1;
      }
      return parkedNow;
    });
  const parked = await write(async (transaction) => {
    if (readable.length > 0) await apply(transaction, readable, false);
    return [];
  }).catch((error: unknown) => {
    if (readable.length === 0 || !liesInEvents(error)) throw error;
    return write((transaction) => applyEach(transaction, readable, apply));
  });
  return {
    checkpoint: { sequence: to.sequence, lastEventId, streamCreated: from.streamCreated },
    events: readable,
    parked,
    newer,
  };
}

/** A record that could not be written, with the reason. */
export interface Failed {
  readonly record: LogRecord;
  readonly error: unknown;
}

const liesInEvents = (error: unknown): boolean =>
  !(isOutage(error) || isStructureGone(error) || error instanceof CheckpointMovedError);

/**
 * Applies one by one, so that the culprit is found. All together they cost two round trips less.
 *
 * @returns those that could not be written; nothing of them is
 */
export async function applyEach<Tables>(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
  apply: Writing<Tables>['apply'],
): Promise<Failed[]> {
  const failed: Failed[] = [];
  for (const event of events) {
    const error = await attempt(transaction, event, apply);
    if (error !== undefined) failed.push({ record: event.record, error });
  }
  return failed;
}

/** @returns the error that lies in the event, or undefined when it was applied */
async function attempt<Tables>(
  transaction: Transaction<Tables>,
  event: FoldedEvent,
  apply: Writing<Tables>['apply'],
): Promise<unknown> {
  await sql`savepoint chunk`.execute(transaction);
  try {
    await apply(transaction, [event], true);
    await sql`release savepoint chunk`.execute(transaction);
    return undefined;
  } catch (error) {
    if (!liesInEvents(error)) throw error;
    await sql`rollback to savepoint chunk`.execute(transaction);
    return error ?? new Error('unknown');
  }
}
