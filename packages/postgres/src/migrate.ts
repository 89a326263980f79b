import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { answeredWithin } from './answered-within.ts';

/** Brings a schema to its newest state. Any fixed number serves; it keeps two services from creating it at once. */
const MIGRATION_LOCK = 7_346_501;

/**
 * Runs the migrations that have not run yet, in the order of their names, each once; safe to be done by every instance
 * at once.
 *
 * @param migrations by name, for example `0001_directory`; never edited once released
 * @returns the names of those that were run by this call
 * @throws the first migration's error; what ran before it stays
 */
export async function migrate<Tables>(
  database: Kysely<Tables>,
  schema: string,
  migrations: Record<string, Migration>,
): Promise<string[]> {
  await database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.execute(connection);
    try {
      await sql`create schema if not exists ${sql.id(schema)}`.execute(connection);
    } finally {
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`.execute(connection);
    }
  });
  const migrator = new Migrator({
    db: database,
    migrationTableSchema: schema,
    provider: { getMigrations: async () => migrations },
  });
  // A large table may take as long as its migration says.
  const { error, results = [] } = await answeredWithin(0, () => migrator.migrateToLatest());
  if (error !== undefined) throw error;
  return results.map(({ migrationName }) => migrationName);
}
