import type { RebuildDifference } from '@herald/contracts';
import { answeredWithin } from '@herald/postgres';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';
import { CLIENT_COLUMNS, MAILING_COLUMNS, PLAN_COLUMNS, tuple } from './compared-columns.ts';
import { findTables, REBUILD_SCHEMA, WRITTEN_TABLES } from './schemas.ts';

/** So many rows that differ are looked at again one by one. */
const MOST_CANDIDATES = 10_000;

/** What may differ: it did at one moment, at which both models may have been at different places of the log. */
export interface Candidates {
  readonly clients: readonly string[];
  readonly mailings: readonly string[];
  readonly phones: readonly string[];
  /** How many more there are than can be looked at again. */
  readonly others: number;
  /** What is certain already. */
  readonly differences: readonly RebuildDifference[];
}

const COMPARED = ['client', 'mailing', 'plan', 'phone_reservation', 'message_counter', 'checkpoint'] as const;

const of = (schema: string, name: string): RawBuilder<unknown> => sql`${sql.id(schema, name)}`;

/** Has the planner know the rebuilt tables before they are asked: nobody else has looked at them yet. Under a second. */
export async function analyzeRebuilt(database: Kysely<Tables>): Promise<void> {
  const tables = await findTables(database, REBUILD_SCHEMA, WRITTEN_TABLES);
  for (const name of tables) await sql`analyze ${of(REBUILD_SCHEMA, name)}`.execute(database);
}

/**
 * Compares both models as a whole, in one view of the database, while both go on: a few seconds a million clients. What differs is
 * to be looked at again where both are at the same position, together with what is folded from now on.
 */
export function compareModels(database: Kysely<Tables>): Promise<Candidates> {
  return answeredWithin(0, () =>
    database
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        await sql`set local statement_timeout = 0`.execute(transaction);
        const there = await findTables(transaction, SCHEMA, COMPARED);
        const differences = COMPARED.filter((name) => !there.has(name)).map(
          (name): RebuildDifference => ({
            entity: `table ${name}`,
            column: '',
            live: null,
            rebuilt: 'there',
          }),
        );
        const clients = there.has('client') ? await findClients(transaction) : NONE;
        const mailings = there.has('mailing') ? await findMailings(transaction) : NONE;
        const plans = there.has('plan') ? await findPlans(transaction) : NONE;
        const phones = there.has('phone_reservation') ? await findPhones(transaction) : NONE;
        return {
          clients: clients.keys,
          mailings: [...new Set([...mailings.keys, ...plans.keys])],
          phones: phones.keys,
          others: [clients, mailings, plans, phones].reduce((sum, { others }) => sum + others, 0),
          differences,
        };
      }),
  );
}

/** Rows that differ, by their keys. */
interface Found {
  readonly keys: readonly string[];
  /** How many more there are. */
  readonly others: number;
}

const NONE: Found = { keys: [], others: 0 };

async function findKeys(
  transaction: Transaction<Tables>,
  name: string,
  key: string,
  differs: RawBuilder<unknown>,
): Promise<Found> {
  const { rows } = await sql<{ key: string; found: number }>`
    select coalesce(live.${sql.id(key)}, rebuilt.${sql.id(key)})::text as key, count(*) over () as found
    from ${of(SCHEMA, name)} live
    full join ${of(REBUILD_SCHEMA, name)} rebuilt on rebuilt.${sql.id(key)} = live.${sql.id(key)}
    where ${differs} order by 1 limit ${MOST_CANDIDATES}`.execute(transaction);
  return { keys: rows.map((row) => row.key), others: (rows[0]?.found ?? 0) - rows.length };
}

const findClients = (transaction: Transaction<Tables>): Promise<Found> =>
  findKeys(
    transaction,
    'client',
    'id',
    sql`live.id is null or rebuilt.id is null
      or ${tuple('live', CLIENT_COLUMNS)} is distinct from ${tuple('rebuilt', CLIENT_COLUMNS)}`,
  );

const findMailings = (transaction: Transaction<Tables>): Promise<Found> =>
  findKeys(
    transaction,
    'mailing',
    'id',
    // What a release did not know yet is missing in the rows that it wrote.
    sql`live.id is null or rebuilt.id is null or not rebuilt.state @> live.state
      or ${tuple('live', MAILING_COLUMNS)} is distinct from ${tuple('rebuilt', MAILING_COLUMNS)}`,
  );

const findPlans = (transaction: Transaction<Tables>): Promise<Found> =>
  findKeys(
    transaction,
    'plan',
    'mailing_id',
    sql`live.mailing_id is null or rebuilt.mailing_id is null
      or ${tuple('live', PLAN_COLUMNS)} is distinct from ${tuple('rebuilt', PLAN_COLUMNS)}`,
  );

/**
 * Phones that are not reserved as the rebuilt model has them. What only the live one has is a claim of a command under way, and
 * no difference, unless its client is there, has another phone, and no command claims this one.
 */
const findPhones = (transaction: Transaction<Tables>): Promise<Found> =>
  findKeys(
    transaction,
    'phone_reservation',
    'phone',
    sql`live.client_id is distinct from rebuilt.client_id and (rebuilt.phone is not null or (
      live.command_id is null and exists (
        select from ${of(REBUILD_SCHEMA, 'client')} owner where owner.id = live.client_id)))`,
  );
