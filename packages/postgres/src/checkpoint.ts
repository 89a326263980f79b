import { EVENTS_STREAM } from '@herald/contracts';
import { type Broker, type LogRecord, leaderInfo } from '@herald/event-log';
import { type Kysely, sql } from 'kysely';

/** How far a fold has come, and in which log. */
export interface Checkpoint {
  readonly sequence: number;
  readonly streamCreated: string;
  readonly lastEventId: string | null;
}

/** The log is not the one that was folded so far: replaced, restored from an older copy, or its tail was lost. */
export class LogReplacedError extends Error {
  override readonly name = 'LogReplacedError';
}

/** Somebody else moved the checkpoint: this instance was taken for dead and must look again. */
export class CheckpointMovedError extends Error {
  override readonly name = 'CheckpointMovedError';
}

/** Reads the checkpoint, making it at position 0 of the present log where there is none. */
export async function readCheckpoint<Tables>(
  database: Kysely<Tables>,
  name: string,
  broker: Broker,
): Promise<Checkpoint> {
  const stream = await leaderInfo(broker, EVENTS_STREAM);
  const asOf = new Date(stream.created);
  await sql`
    insert into checkpoint (name, sequence, stream_created, as_of, confirmed_as_of)
    values (${name}, 0, ${stream.created}, ${asOf}, ${asOf})
    on conflict (name) do nothing`.execute(database);
  const { rows } = await sql<{ sequence: number; stream_created: string; last_event_id: string | null }>`
    select sequence, stream_created, last_event_id from checkpoint where name = ${name}`.execute(database);
  const row = rows[0];
  if (row === undefined) throw new Error(`the checkpoint ${name} vanished`);
  const checkpoint = {
    sequence: row.sequence,
    streamCreated: row.stream_created,
    lastEventId: row.last_event_id,
  };
  await verifyIdentity(checkpoint, name, broker, stream.created, stream.state.last_seq);
  return checkpoint;
}

/** How far the model is; -1 where it has no such checkpoint. */
export async function storedSequence<Tables>(database: Kysely<Tables>, name: string): Promise<number> {
  const { rows } = await sql<{ sequence: number }>`
    select sequence from checkpoint where name = ${name}`.execute(database);
  return rows[0]?.sequence ?? -1;
}

async function verifyIdentity(
  checkpoint: Checkpoint,
  name: string,
  broker: Broker,
  created: string,
  lastSequence: number,
): Promise<void> {
  const refuse = (reason: string): never => {
    throw new LogReplacedError(
      `${name}: ${reason}. The read model belongs to another log; rebuild it (drop its schema) or restore the log.`,
    );
  };
  if (checkpoint.streamCreated !== created) {
    refuse(`the stream was made at ${created}, the model follows one made at ${checkpoint.streamCreated}`);
  }
  if (checkpoint.sequence > lastSequence) {
    refuse(`the log ends at ${lastSequence}, the model is at ${checkpoint.sequence}`);
  }
  if (checkpoint.lastEventId === null) return;
  const stored = await broker.manager.streams.getMessage(EVENTS_STREAM, { seq: checkpoint.sequence });
  const text = stored?.string() ?? '';
  if (!text.includes(checkpoint.lastEventId)) {
    refuse(`position ${checkpoint.sequence} holds another event than the one folded`);
  }
}

/**
 * Moves the checkpoint within the fold's transaction, if it still stands where this fold left it. The transaction does not
 * wait for the disk: a server that crashes may lose the last ones, each with its checkpoint, and they are folded again. Who
 * waits for a commit of their own does not wait behind these.
 *
 * @throws CheckpointMovedError when it does not: the transaction must not be committed
 */
export async function moveCheckpoint<Tables>(
  transaction: Kysely<Tables>,
  name: string,
  from: Checkpoint,
  to: { readonly sequence: number; readonly lastEventId: string | null; readonly storedAt: number },
): Promise<void> {
  const asOf = new Date(to.storedAt);
  const { numAffectedRows } = await sql`
    with relaxed as materialized (select set_config('synchronous_commit', 'off', true) as setting)
    update checkpoint
    set sequence = ${to.sequence}, last_event_id = ${to.lastEventId}, as_of = ${asOf}, confirmed_as_of = ${asOf}
    from relaxed
    where name = ${name} and sequence = ${from.sequence} and stream_created = ${from.streamCreated}
      and sequence < ${to.sequence} and relaxed.setting = 'off'`.execute(transaction);
  if (numAffectedRows !== 1n)
    throw new CheckpointMovedError(`the checkpoint ${name} was moved by another instance`);
}

/**
 * A server that lost its tail may clip a start position that it does not have, and deliver what is folded already.
 *
 * @throws LogReplacedError
 */
export function refuseBackwards(records: readonly LogRecord[], position: number, name: string): void {
  const first = records[0]?.sequence ?? Number.POSITIVE_INFINITY;
  if (first > position) return;
  throw new LogReplacedError(
    `${name}: the log delivers position ${first} anew, the model is at ${position}. Its tail was lost: rebuild the model.`,
  );
}
