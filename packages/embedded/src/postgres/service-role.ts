import type { Client } from 'pg';
import { withClient } from './connect.ts';

/** As whom services work: the owner of their database, and nobody elsewhere. */
export const SERVICE_ROLE = 'herald_services';

export type ServiceRolePlan = {
  /** Of the superuser, to the services' database. */
  readonly adminUrl: string;
  /** A plain identifier. */
  readonly database: string;
  readonly password: string;
};

/**
 * Makes the role of the services unless it is there, and gives it the database with all that a superuser has made in
 * it: in a cluster of an earlier release the services were the superuser. Changes nothing the second time.
 */
export async function ensureServiceRole({ adminUrl, database, password }: ServiceRolePlan): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query('BEGIN');
    const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [SERVICE_ROLE]);
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${SERVICE_ROLE}`);
    await client.query(
      `ALTER ROLE ${SERVICE_ROLE} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
         PASSWORD ${client.escapeLiteral(password)}`,
    );
    await client.query(`ALTER DATABASE "${database}" OWNER TO ${SERVICE_ROLE}`);
    await giveObjects(client);
    await client.query('COMMIT');
  });
}

/**
 * `REASSIGN OWNED` cannot do it: the superuser who made the cluster owns the system's own objects too. A sequence of a
 * column goes with its table, and what belongs to an extension stays.
 */
async function giveObjects(client: Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(`
    WITH schemas AS (
      SELECT oid, nspname, nspowner FROM pg_namespace
      WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    ), objects AS (
      SELECT oid, format('TABLE %s', oid::regclass) AS name, relowner AS owner
      FROM pg_class
      WHERE relnamespace IN (SELECT oid FROM schemas) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND NOT (relkind = 'S' AND EXISTS (
          SELECT FROM pg_depend
          WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i')
        ))
      UNION ALL
      SELECT oid, format('ROUTINE %s', oid::regprocedure), proowner
      FROM pg_proc WHERE pronamespace IN (SELECT oid FROM schemas)
      UNION ALL
      SELECT oid, format('TYPE %s', oid::regtype), typowner
      FROM pg_type WHERE typnamespace IN (SELECT oid FROM schemas) AND typtype IN ('e', 'd', 'r')
      UNION ALL
      SELECT oid, format('SCHEMA %I', nspname), nspowner FROM schemas WHERE nspname <> 'public'
    )
    SELECT format('ALTER %s OWNER TO ${SERVICE_ROLE}', name) AS statement
    FROM objects
    WHERE owner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = objects.oid AND deptype = 'e')`);
  for (const { statement } of rows) await client.query(statement);
}
