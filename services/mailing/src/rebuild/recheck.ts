import type { RebuildDifference } from '@herald/contracts';
import { maskPhone } from '@herald/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';
import { CLIENT_COLUMNS, MAILING_COLUMNS, PLAN_COLUMNS } from './compared-columns.ts';
import { REBUILD_SCHEMA } from './schemas.ts';

interface Pair {
  readonly key: string;
  readonly live: Readonly<Record<string, unknown>> | null;
  readonly rebuilt: Readonly<Record<string, unknown>> | null;
}

/** Compares some clients, column by column, where both models are at the same position. */
export async function recheckClients(
  transaction: Transaction<Tables>,
  ids: readonly string[],
): Promise<RebuildDifference[]> {
  const pairs = await readPairs(transaction, 'client', 'id', ids, 'uuid');
  return pairs.flatMap((pair) => differencesOf('client', pair, CLIENT_COLUMNS));
}

/** The same of mailings and their plans. */
export async function recheckMailings(
  transaction: Transaction<Tables>,
  ids: readonly string[],
): Promise<RebuildDifference[]> {
  const mailings = await readPairs(transaction, 'mailing', 'id', ids, 'uuid');
  const plans = await readPairs(transaction, 'plan', 'mailing_id', ids, 'uuid');
  const resolved = new Set(mailings.filter((pair) => isResolved(pair)).map(({ key }) => key));
  return [
    ...mailings.flatMap((pair) => [
      ...differencesOf('mailing', pair, MAILING_COLUMNS),
      ...differencesOfState('mailing', pair),
    ]),
    ...plans.flatMap((pair) =>
      // What is not resolved is open in the rebuilt model, or resolved by what the log holds already behind this position.
      differencesOf(
        'plan',
        pair,
        resolved.has(pair.key) ? PLAN_COLUMNS : PLAN_COLUMNS.filter(({ column }) => column === 'completed'),
      ),
    ),
  ];
}

const isResolved = ({ rebuilt }: Pair): boolean => {
  const state = rebuilt?.state;
  return typeof state === 'object' && state !== null && 'audience' in state && state.audience !== null;
};

async function readPairs(
  transaction: Transaction<Tables>,
  table: string,
  key: string,
  keys: readonly string[],
  type: 'uuid' | 'text',
): Promise<readonly Pair[]> {
  if (keys.length === 0) return [];
  const of = (schema: string): RawBuilder<unknown> => sql`${sql.id(schema, table)}`;
  const { rows } = await sql<Pair>`
    select wanted.key::text as key, to_jsonb(live) as live, to_jsonb(rebuilt) as rebuilt
    from unnest(${keys}::${sql.raw(type)}[]) as wanted (key)
    left join ${of(SCHEMA)} live on live.${sql.id(key)} = wanted.key
    left join ${of(REBUILD_SCHEMA)} rebuilt on rebuilt.${sql.id(key)} = wanted.key
    where to_jsonb(live) is distinct from to_jsonb(rebuilt) order by wanted.key`.execute(transaction);
  return rows;
}

function differencesOf(
  entity: string,
  { key, live, rebuilt }: Pair,
  compared: readonly { readonly column: string; readonly name: string; readonly isPhone?: true }[],
): RebuildDifference[] {
  if (live === null && rebuilt === null) return [];
  if (live === null || rebuilt === null) {
    const said = (row: unknown): string | null => (row === null ? null : 'there');
    return [{ entity: `${entity} ${key}`, column: '', live: said(live), rebuilt: said(rebuilt) }];
  }
  return compared.flatMap(({ column, name, isPhone }) => {
    const [before, after] = [text(live[column]), text(rebuilt[column])];
    if (before === after) return [];
    const shown = (value: string | null): string | null =>
      value === null || isPhone === undefined ? value : maskPhone(value);
    return [{ entity: `${entity} ${key}`, column: name, live: shown(before), rebuilt: shown(after) }];
  });
}

/** What stands in both, field by field: what a release did not know yet is missing in the rows that it wrote. */
function differencesOfState(entity: string, { key, live, rebuilt }: Pair): RebuildDifference[] {
  const [before, after] = [fieldsOf(live), fieldsOf(rebuilt)];
  if (before === null || after === null) return [];
  return Object.keys(before).flatMap((field) => {
    const [was, is] = [text(before[field]), text(after[field])];
    return was === is
      ? []
      : [{ entity: `${entity} ${key}`, column: `state.${field}`, live: was, rebuilt: is }];
  });
}

function fieldsOf(row: Pair['live']): Readonly<Record<string, unknown>> | null {
  const state: unknown = row?.state;
  return typeof state === 'object' && state !== null ? { ...state } : null;
}

/** `to_jsonb` writes the keys of what is stored as JSON in one order. */
const text = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

interface PhonePair {
  readonly phone: string;
  readonly live: string | null;
  readonly command: string | null;
  readonly rebuilt: string | null;
  readonly is_owner_there: boolean;
}

/** Gives phones to whom they belong by the log, in the live model. Claims of commands under way stay. */
export async function mendPhones(
  transaction: Transaction<Tables>,
  phones: readonly string[],
  clientIds: readonly string[],
): Promise<RebuildDifference[]> {
  const reservation = (schema: string): RawBuilder<unknown> => sql`${sql.id(schema, 'phone_reservation')}`;
  const { rows } = await sql<PhonePair>`
    with wanted as (
      select unnest(${phones}::text[]) as phone
      union
      select phone from ${sql.id(REBUILD_SCHEMA, 'client')} where id = any(${clientIds}::uuid[])
    )
    select wanted.phone, live.client_id as live, live.command_id as command, rebuilt.client_id as rebuilt,
      exists (select from ${sql.id(REBUILD_SCHEMA, 'client')} owner where owner.id = live.client_id) as is_owner_there
    from wanted
    left join ${reservation(SCHEMA)} live on live.phone = wanted.phone
    left join ${reservation(REBUILD_SCHEMA)} rebuilt on rebuilt.phone = wanted.phone
    where live.client_id is distinct from rebuilt.client_id order by 1`.execute(transaction);
  const wrong = rows.filter((row) => row.rebuilt !== null);
  const useless = rows.filter((row) => row.rebuilt === null && row.command === null && row.is_owner_there);
  if (wrong.length > 0) {
    await sql`
      insert into ${reservation(SCHEMA)} (phone, client_id)
      select * from unnest(${wrong.map((row) => row.phone)}::text[], ${wrong.map((row) => row.rebuilt)}::uuid[])
      on conflict (phone) do update set client_id = excluded.client_id, command_id = null`.execute(
      transaction,
    );
  }
  if (useless.length > 0) {
    await sql`
      delete from ${reservation(SCHEMA)} where phone = any(${useless.map((row) => row.phone)}::text[])`.execute(
      transaction,
    );
  }
  return [...wrong, ...useless].map((row) => ({
    entity: `phone ${maskPhone(row.phone)}`,
    column: 'clientId',
    live: row.live,
    rebuilt: row.rebuilt,
  }));
}

/** Whether message ids would be given again by the live model. */
export async function recheckCounter(transaction: Transaction<Tables>): Promise<RebuildDifference[]> {
  const counter = (schema: string): RawBuilder<unknown> => sql`${sql.id(schema, 'message_counter')}`;
  const { rows } = await sql<{ live: number | null; rebuilt: number }>`
    select (select max(next) from ${counter(SCHEMA)}) as live, next as rebuilt from ${counter(REBUILD_SCHEMA)}`.execute(
    transaction,
  );
  const row = rows[0];
  if (row === undefined || (row.live ?? 0) >= row.rebuilt) return [];
  const live = row.live === null ? null : String(row.live);
  return [{ entity: 'counter', column: 'nextMessageId', live, rebuilt: String(row.rebuilt) }];
}
