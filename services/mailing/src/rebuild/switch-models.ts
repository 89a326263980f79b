import type { RebuildDifference } from '@herald/contracts';
import { isOutage } from '@herald/postgres';
import { sql, type Transaction } from 'kysely';
import { FOLD } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';
import { type Dependencies, SCHEMA } from '../dependencies.ts';
import type { Candidates } from './compare-models.ts';
import { saveDone } from './rebuild-record.ts';
import { mendPhones, recheckClients, recheckCounter, recheckMailings } from './recheck.ts';
import { findTables, REBUILD_SCHEMA, RECORD_TABLES, REPLACED_SCHEMA, WRITTEN_TABLES } from './schemas.ts';
import type { ShadowModel } from './shadow-model.ts';
import type { Touched } from './touched.ts';

/**
 * Who cannot lock all tables within this lets others go on and tries again, milliseconds. The next try may take longer, up to
 * the most: only after a second the server takes a table from its own vacuum.
 */
const LOCKED_WITHIN_MS = 300;
const LOCKED_WITHIN_MOST_MS = 1_200;
/** One statement while all wait must not take longer; else all goes on as before, milliseconds. */
const DONE_WITHIN_MS = 1_500;
/** Hardly more events than this are folded while all wait: 0.2 to 0.5 s. An import appends as many in a second. */
const MOST_EVENTS = 4_000;

/** The schema was changed by a newer release meanwhile: what was rebuilt has another structure. */
export class OtherStructureError extends Error {
  override readonly name = 'OtherStructureError';
}

/** What came of an attempt to put the rebuilt model in the place of the live one. */
export type Switched =
  | { readonly kind: 'switched'; readonly differences: number; readonly heldMs: number }
  /** Somebody held a table for too long. */
  | { readonly kind: 'busy' }
  /** More was folded meanwhile than can be compared while all wait. */
  | { readonly kind: 'behind' };

interface Switching {
  readonly id: string;
  readonly shadow: ShadowModel;
  readonly candidates: Candidates;
  readonly touched: Touched;
  /** Found before. */
  readonly differences: readonly RebuildDifference[];
}

/**
 * Puts the rebuilt model in the place of the live one, in one transaction. All tables that somebody writes are locked for it,
 * so no other transaction is half-way; readers read on. Whoever waits for one of these tables finds the new one under its name
 * afterwards, prepared statements too. Before that the rebuilt model is folded up to where the live one is, and what may
 * differ is compared once more. Records that stand in no event are moved over as they are. The fold of the rebuilt model rests.
 *
 * @param tries which attempt this is, from 1
 */
export async function switchModels(
  { database, runtime }: Dependencies,
  switching: Switching,
  tries: number,
): Promise<Switched> {
  try {
    return await database
      .transaction()
      .execute((transaction) => switchWithin(transaction, switching, LOCKED_WITHIN_MS * tries));
  } catch (error) {
    // A lock that was not to be had in time, or two that waited crosswise.
    if (isOutage(error)) {
      runtime.log.info({ err: error }, 'the tables of the directory are not to be had at once now');
      return { kind: 'busy' };
    }
    if (error instanceof BehindError) return { kind: 'behind' };
    throw error;
  }
}

class BehindError extends Error {
  override readonly name = 'BehindError';
}

async function switchWithin(
  transaction: Transaction<Tables>,
  { id, shadow, candidates, touched, differences }: Switching,
  lockedWithinMs: number,
): Promise<Switched> {
  const there = await findTables(transaction, SCHEMA, WRITTEN_TABLES);
  const begin = performance.now();
  await lockTables(transaction, there, begin + Math.min(lockedWithinMs, LOCKED_WITHIN_MOST_MS));
  await sql.raw(`set local statement_timeout = ${DONE_WITHIN_MS}`).execute(transaction);
  await expectSameStructure(transaction);

  const live = there.has('checkpoint') ? await positionOf(transaction, SCHEMA) : 0;
  const isSame = (await shadow.foldUpTo(live, MOST_EVENTS)) && !touched.areTooMany;
  if (!isSame) throw new BehindError('too much was folded meanwhile');
  const found = [
    ...differences,
    ...candidates.differences,
    ...(await recheckAll(transaction, candidates, touched, there)),
  ];

  await carryOver(transaction, there);
  const events = await shadow.countEvents();
  await replace(transaction, there);
  await saveDone(transaction, id, events, found.length + candidates.others, found);
  return {
    kind: 'switched',
    differences: found.length + candidates.others,
    heldMs: performance.now() - begin,
  };
}

/**
 * Locks the tables in their order. Records are kept from readers too, since they are moved: a lock that is raised later would be
 * waited for crosswise with whoever reads such a table and waits to write it.
 */
async function lockTables(
  transaction: Transaction<Tables>,
  there: ReadonlySet<string>,
  until: number,
): Promise<void> {
  for (const name of WRITTEN_TABLES) {
    if (!there.has(name)) continue;
    const left = Math.max(1, Math.round(until - performance.now()));
    await sql.raw(`set local statement_timeout = ${left}`).execute(transaction);
    const mode = RECORDS.has(name) ? sql`access exclusive` : sql`exclusive`;
    await sql`lock table ${sql.id(SCHEMA, name)} in ${mode} mode`.execute(transaction);
  }
}

const RECORDS: ReadonlySet<string> = new Set(RECORD_TABLES);

/** @throws OtherStructureError */
async function expectSameStructure(transaction: Transaction<Tables>): Promise<void> {
  const migrationsOf = (schema: string) =>
    sql`select array_agg(name order by name) from ${sql.id(schema, 'kysely_migration')}`;
  const { rows } = await sql<{ is_same: boolean }>`
    select (${migrationsOf(SCHEMA)}) is not distinct from (${migrationsOf(REBUILD_SCHEMA)}) as is_same`.execute(
    transaction,
  );
  if (rows[0]?.is_same !== true)
    throw new OtherStructureError('another release has changed the tables meanwhile: begin again');
}

async function positionOf(transaction: Transaction<Tables>, schema: string): Promise<number> {
  const { rows } = await sql<{ sequence: number }>`
    select sequence from ${sql.id(schema, 'checkpoint')} where name = ${FOLD}`.execute(transaction);
  return rows[0]?.sequence ?? 0;
}

async function recheckAll(
  transaction: Transaction<Tables>,
  candidates: Candidates,
  touched: Touched,
  there: ReadonlySet<string>,
): Promise<RebuildDifference[]> {
  const clients = [...new Set([...candidates.clients, ...touched.clients])];
  const mailings = [...new Set([...candidates.mailings, ...touched.mailings])];
  return [
    ...(there.has('client') ? await recheckClients(transaction, clients) : []),
    ...(there.has('mailing') && there.has('plan') ? await recheckMailings(transaction, mailings) : []),
    ...(there.has('message_counter') ? await recheckCounter(transaction) : []),
    ...(there.has('phone_reservation')
      ? await mendPhones(transaction, candidates.phones, [...touched.clients])
      : []),
  ];
}

/** No message id that the live model has given to somebody is given again, whether it is in the log by now or not. */
async function carryOver(transaction: Transaction<Tables>, there: ReadonlySet<string>): Promise<void> {
  if (!there.has('message_counter')) return;
  await sql`
    update ${sql.id(REBUILD_SCHEMA, 'message_counter')}
    set next = greatest(next, (select max(next) from ${sql.id(SCHEMA, 'message_counter')}))`.execute(
    transaction,
  );
}

async function replace(transaction: Transaction<Tables>, there: ReadonlySet<string>): Promise<void> {
  const records = RECORD_TABLES.filter((name) => there.has(name));
  for (const name of records) await sql`drop table ${sql.id(REBUILD_SCHEMA, name)}`.execute(transaction);
  await sql`alter schema ${sql.id(SCHEMA)} rename to ${sql.id(REPLACED_SCHEMA)}`.execute(transaction);
  await sql`alter schema ${sql.id(REBUILD_SCHEMA)} rename to ${sql.id(SCHEMA)}`.execute(transaction);
  for (const name of records)
    await sql`alter table ${sql.id(REPLACED_SCHEMA, name)} set schema ${sql.id(SCHEMA)}`.execute(transaction);
}
