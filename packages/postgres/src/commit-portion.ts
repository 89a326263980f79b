import type { LogRecord } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Checkpoint, moveCheckpoint } from './checkpoint.ts';
import { isOutage, isStructureGone } from './outage.ts';
import { park } from './parked-events.ts';
import { eventIdOf, type FoldedEvent, parseAll } from './portion.ts';

/** How a fold writes, of its options. */
interface Writing<Tables> {
  readonly name: string;
  readonly database: Kysely<Tables>;
  readonly log: Logger;
  readonly apply: (transaction: Transaction<Tables>, events: readonly FoldedEvent[]) => Promise<void>;
  readonly passes?: (subject: string) => boolean;
}

/** What a transaction has led to. */
interface Committed {
  readonly checkpoint: Checkpoint;
  readonly events: readonly FoldedEvent[];
  readonly parked: number;
}

/**
 * Writes records and the checkpoint behind them in one transaction. What cannot be read or written is parked in it.
 *
 * @throws CheckpointMovedError, and what the database throws where no event is to blame: nothing was written
 */
export async function commitPortion<Tables>(
  writing: Writing<Tables>,
  from: Checkpoint,
  records: readonly LogRecord[],
): Promise<Committed> {
  const { name, database, log, apply, passes } = writing;
  const { readable, unreadable } = parseAll(
    passes === undefined ? records : records.filter(({ subject }) => !passes(subject)),
  );
  const last = records.at(-1);
  if (last === undefined) return { checkpoint: from, events: [], parked: 0 };
  const lastRead = readable.at(-1);
  const lastEventId = lastRead?.record === last ? lastRead.event.id : eventIdOf(last);
  const to = { sequence: last.sequence, lastEventId, storedAt: last.storedAt };
  const parked = await database.transaction().execute(async (transaction) => {
    const failed = await applyOrFind(transaction, readable, apply);
    const all = [...unreadable, ...failed];
    for (const { record, error } of all) {
      const { sequence, subject } = record;
      log.error({ err: error, fold: name, sequence, subject }, 'an event was parked');
      await park(transaction, name, record, error);
    }
    await moveCheckpoint(transaction, name, from, to);
    return all.length;
  });
  return {
    checkpoint: { sequence: to.sequence, lastEventId, streamCreated: from.streamCreated },
    events: readable,
    parked,
  };
}

/** Applies all at once; where that fails for a reason in the events, one by one, so that the culprit is found. */
async function applyOrFind<Tables>(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
  apply: Writing<Tables>['apply'],
): Promise<Array<{ record: LogRecord; error: unknown }>> {
  if (events.length === 0) return [];
  const whole = await attempt(transaction, events, apply);
  if (whole === undefined) return [];
  const failed: Array<{ record: LogRecord; error: unknown }> = [];
  for (const event of events) {
    const error = await attempt(transaction, [event], apply);
    if (error !== undefined) failed.push({ record: event.record, error });
  }
  return failed;
}

/** @returns the error that lies in the events, or undefined when they were applied */
async function attempt<Tables>(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
  apply: Writing<Tables>['apply'],
): Promise<unknown> {
  await sql`savepoint portion`.execute(transaction);
  try {
    await apply(transaction, events);
    await sql`release savepoint portion`.execute(transaction);
    return undefined;
  } catch (error) {
    if (isOutage(error) || isStructureGone(error)) throw error;
    await sql`rollback to savepoint portion`.execute(transaction);
    return error ?? new Error('unknown');
  }
}
