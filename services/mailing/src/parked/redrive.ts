import {
  EVENTS_STREAM,
  type HeraldEvent,
  isClientEvent,
  LOOK_AGAIN_SUBJECT,
  type ParkedPlace,
  parseEvent,
  type Redriven,
} from '@herald/contracts';
import { findNext, loadLastMessage } from '@herald/event-log';
import { type FoldedEvent, isOutage, isStructureGone } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import { FOLD } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { CommandOutcomes } from '../fold/command-outcomes.ts';
import { findLaterOwner, leavePhones, reservePhone } from '../fold/overtaken-phones.ts';
import { requestRebuild } from '../rebuild/rebuild-record.ts';

/**
 * Folds an event that was parked. The model is then what it would be if the event had been folded in its place: entity
 * events are fat, so where a later event of the same client or mailing is folded already, that one has won, and only what
 * else the event means is written. A start decides about a plan as of its place in the log, which the directory does not
 * remember: for it the directory is rebuilt, and whatever was parked is folded in its order.
 *
 * @throws what broker and database throw: nothing was written
 */
export async function redrive(
  dependencies: Dependencies,
  { fold, position }: ParkedPlace,
): Promise<Redriven> {
  const { runtime, database } = dependencies;
  if (!(await isParked(dependencies, fold, position))) return { outcome: 'not-found', error: null };
  const read = await readAt(dependencies, position);
  if ('error' in read) return stillParked(dependencies, position, read.error);
  const { event } = read.folded;
  if (event.type === 'MailingStarted') {
    await requestRebuild(database);
    runtime.broker.connection.publish(LOOK_AGAIN_SUBJECT);
    return { outcome: 'rebuilding', error: null };
  }
  try {
    const isFolded = await database
      .transaction()
      .execute((transaction) => foldAgain(dependencies, transaction, read.folded));
    if (!isFolded) return { outcome: 'not-found', error: null };
  } catch (error) {
    if (isOutage(error) || isStructureGone(error) || !isOfDatabase(error)) throw error;
    return stillParked(dependencies, position, error);
  }
  runtime.log.info({ fold, sequence: position, type: event.type }, 'a parked event was folded');
  // Its mailing's plan may be due now.
  runtime.broker.connection.publish(LOOK_AGAIN_SUBJECT);
  return { outcome: 'folded', error: null };
}

/** An error of the broker says nothing of the event. */
const isOfDatabase = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && 'code' in error;

async function isParked({ database }: Dependencies, fold: string, position: number): Promise<boolean> {
  if (fold !== FOLD) return false;
  const { rows } = await sql`
    select from parked_event where fold = ${fold} and sequence = ${position}`.execute(database);
  return rows.length === 1;
}

async function stillParked({ database }: Dependencies, position: number, error: unknown): Promise<Redriven> {
  const said = String(error);
  await sql`
    update parked_event set error = ${said.replaceAll('\u0000', '\uFFFD')}
    where fold = ${FOLD} and sequence = ${position}`.execute(database);
  return { outcome: 'parked', error: said };
}

/** The event as the log has it: what is kept with it is for reading. */
async function readAt(
  { runtime }: Dependencies,
  position: number,
): Promise<{ readonly folded: FoldedEvent } | { readonly error: unknown }> {
  const stored = await runtime.broker.manager.streams.getMessage(EVENTS_STREAM, { seq: position });
  if (stored === null) return { error: new Error(`the log holds nothing at ${position}`) };
  const text = stored.string();
  try {
    const storedAt = stored.time.getTime();
    const record = { subject: stored.subject, sequence: position, storedAt, pending: 0, text };
    return { folded: { event: parseEvent(text), record } };
  } catch (error) {
    return { error };
  }
}

/** @returns false where somebody else has driven it again meanwhile */
async function foldAgain(
  dependencies: Dependencies,
  transaction: Transaction<Tables>,
  folded: FoldedEvent,
): Promise<boolean> {
  const { event, record } = folded;
  // The fold waits for it with its checkpoint: until this ends nothing later is folded.
  const checkpoint = await sql<{ sequence: number }>`
    select sequence from checkpoint where name = ${FOLD} for update`.execute(transaction);
  const reached = checkpoint.rows[0]?.sequence ?? 0;
  const { numAffectedRows } = await sql`
    delete from parked_event where fold = ${FOLD} and sequence = ${record.sequence}`.execute(transaction);
  if (numAffectedRows !== 1n) return false;
  if (await isOvertaken(dependencies, transaction, folded, reached)) {
    await foldOvertaken(transaction, event);
    return true;
  }
  const sequence = await placeOf(transaction, folded, reached);
  const lost = (error: unknown): void =>
    dependencies.runtime.log.error({ err: error }, 'the result that an event tells cannot be stored');
  const laterOwner = isClientEvent(event) ? await findLaterOwner(transaction, event, record.sequence) : null;
  await applyEvents(transaction, [{ event, record: { ...record, sequence } }], { lost });
  if (laterOwner !== null && isClientEvent(event))
    await reservePhone(transaction, event.data.client.phone, laterOwner);
  return true;
}

/** Whether a later event on its subject is folded, one that is not parked itself. */
async function isOvertaken(
  { runtime }: Dependencies,
  transaction: Transaction<Tables>,
  { record }: FoldedEvent,
  reached: number,
): Promise<boolean> {
  const last = await loadLastMessage(runtime.broker, EVENTS_STREAM, record.subject);
  if (last === null || last.seq <= record.sequence) return false;
  const { rows } = await sql<{ sequence: number }>`
    select sequence from parked_event where fold = ${FOLD} and subject = ${record.subject}`.execute(
    transaction,
  );
  const parked = new Set(rows.map(({ sequence }) => sequence));
  for (let position = record.sequence + 1; ; position += 1) {
    const next = await findNext(runtime.broker, record.subject, position);
    if (next === null || next > reached) return false;
    if (!parked.has(next)) return true;
    position = next;
  }
}

/** What an event means beside the state of its entity, which a later one tells. */
async function foldOvertaken(transaction: Transaction<Tables>, event: HeraldEvent): Promise<void> {
  if (isClientEvent(event)) await leavePhones(transaction, event, event.causationid ?? null);
  const outcomes = new CommandOutcomes();
  outcomes.add(event);
  await outcomes.write(transaction);
}

/**
 * From which position on the directory is as the event says. Plans whose clients are counted stay as they were counted: for
 * them it changes only now.
 */
async function placeOf(
  transaction: Transaction<Tables>,
  { event, record }: FoldedEvent,
  reached: number,
): Promise<number> {
  if (!isClientEvent(event)) return record.sequence;
  const { rows } = await sql`
    select from plan_cut where position >= ${record.sequence} and first_message_id is not null limit 1`.execute(
    transaction,
  );
  return rows.length === 0 ? record.sequence : reached;
}
