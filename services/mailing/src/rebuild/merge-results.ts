import { DIFFERENCES_TOLD, type RebuildDifference } from '@herald/contracts';
import { answeredWithin } from '@herald/postgres';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { KEPT_DAYS } from '../commands/command-results.ts';
import type { Tables } from '../database/tables.ts';
import { SCHEMA } from '../dependencies.ts';
import { findTables, REBUILD_SCHEMA } from './schemas.ts';

const results = (schema: string): RawBuilder<unknown> => sql`${sql.id(schema, 'command_result')}`;

/**
 * Brings the results of commands that events tell into the live model, where they are missing or read otherwise: the event is
 * the result. All others stay as they are, since no event tells them. Those that are about to be deleted for their age are not
 * brought back.
 *
 * The rebuilt model must not be ahead of the live one: what that will hold by itself would be taken for missing.
 */
export function mergeResults(database: Kysely<Tables>): Promise<readonly RebuildDifference[]> {
  return answeredWithin(0, () =>
    database.transaction().execute(async (transaction) => {
      await sql`set local statement_timeout = 0`.execute(transaction);
      const there = await findTables(transaction, SCHEMA, ['command_result']);
      if (there.size === 0) return [];
      const { rows } = await sql<{ id: string; live: string | null; rebuilt: string }>`
        with told as (
          select rebuilt.*, live.outcome ->> 'kind' as was from ${results(REBUILD_SCHEMA)} rebuilt
          left join ${results(SCHEMA)} live on live.command_id = rebuilt.command_id
          where rebuilt.created_at > now() - make_interval(days => ${KEPT_DAYS}) + interval '2 hours'
            and (live.command_id is null or live.fingerprint <> rebuilt.fingerprint
              or not rebuilt.outcome @> live.outcome)
        ), written as (
          insert into ${results(SCHEMA)} (command_id, import_id, fingerprint, outcome, created_at)
          select command_id, import_id, fingerprint, outcome, created_at from told
          on conflict (command_id) do update set fingerprint = excluded.fingerprint, outcome = excluded.outcome
        )
        select command_id as id, was as live, outcome ->> 'kind' as rebuilt from told order by 1 limit ${DIFFERENCES_TOLD}`.execute(
        transaction,
      );
      return rows.map(({ id, live, rebuilt }) => ({
        entity: `command ${id}`,
        column: 'outcome',
        live,
        rebuilt,
      }));
    }),
  );
}
