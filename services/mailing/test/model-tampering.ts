import { newId } from '@herald/contracts';
import { sql } from 'kysely';
import { FOLD } from '../src/database/look.ts';
import { SCHEMA } from '../src/dependencies.ts';
import { REBUILD_SCHEMA } from '../src/rebuild/schemas.ts';
import { openTables } from './mailing-database.ts';

/** The database of a mailing service, in whose tables a test does what a dying, a slow or another release might. */
export class ModelTampering {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Takes the stored result of a command away, as if the service had died before it could store it. */
  async forgetResult(commandId: string): Promise<void> {
    await this.#execute(`delete from ${SCHEMA}.command_result where command_id = '${commandId}'`);
  }

  /** Stores a result of a command that nobody can read. */
  async spoilResult(commandId: string): Promise<void> {
    await this.#execute(
      `insert into ${SCHEMA}.command_result (command_id, fingerprint, outcome)
       values ('${commandId}', 'fingerprint', '{"kind": "of a newer release"}')`,
    );
  }

  /** Stores a refusal of a command, as a delivery of it may that another one overtook. */
  async storeRefusal(commandId: string): Promise<void> {
    await this.#execute(
      `insert into ${SCHEMA}.command_result (command_id, fingerprint, outcome)
       values ('${commandId}', 'fingerprint', '{"kind": "refused", "refusal": {"code": "client-not-found"}}')`,
    );
  }

  /**
   * Claims a phone for a client, as a command does that dies before it has decided anew.
   *
   * @param commandId `null` where the client is new
   */
  async claim(phone: string, clientId: string, commandId: string | null): Promise<void> {
    const claimedBy = commandId === null ? 'null' : `'${commandId}'`;
    await this.#execute(
      `insert into ${SCHEMA}.phone_reservation values ('${phone}', '${clientId}', ${claimedBy})
       on conflict (phone) do update set command_id = excluded.command_id`,
    );
  }

  /** Lets a command claim no phone for a client that has another one, until the answer is called: it waits. */
  async holdClaim(commandId: string): Promise<() => Promise<void>> {
    await this.#execute(
      `create function ${SCHEMA}.hold_claim() returns trigger language plpgsql as $$ begin
         if new.command_id = '${commandId}' then perform pg_advisory_xact_lock(1); end if;
         return new;
       end $$;
       create trigger hold_claim before insert on ${SCHEMA}.phone_reservation
         for each row execute function ${SCHEMA}.hold_claim()`,
    );
    return this.#holdOpen('select pg_advisory_xact_lock(1)');
  }

  /** Whether a command waits for {@link holdClaim}. */
  async isClaimHeld(): Promise<boolean> {
    const rows = await this.#execute(
      `select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows.length > 0;
  }

  /** Reserves a phone that is about to be given up, in a transaction that is open until the answer is called. */
  async holdPhone(phone: string): Promise<() => Promise<void>> {
    await this.#execute(`insert into ${SCHEMA}.phone_reservation values ('${phone}', '${newId()}')`);
    return this.#holdOpen(`delete from ${SCHEMA}.phone_reservation where phone = '${phone}'`);
  }

  /** Leaves a mailing in the read model as a release might that knows another form of it. */
  async spoilMailing(mailingId: string): Promise<void> {
    await this.#execute(
      `update ${SCHEMA}.mailing set state = state || '{"startAt": "soon"}' where id = '${mailingId}'`,
    );
  }

  /** Makes the log look like another one than the directory follows, until the answer is called. */
  async confuseCheckpoint(): Promise<() => Promise<void>> {
    await this.#execute(
      `create table confusion as select last_event_id from ${SCHEMA}.checkpoint;
       update ${SCHEMA}.checkpoint set last_event_id = '${newId()}'`,
    );
    return async () => {
      await this.#execute(
        `update ${SCHEMA}.checkpoint set last_event_id = (select last_event_id from confusion);
         drop table confusion`,
      );
    };
  }

  /** Takes the whole read model away, as a lost database does. */
  async dropSchema(): Promise<void> {
    // A fold begins with its checkpoint: whoever has that table waits for none crosswise.
    await this.#execute(`lock table ${SCHEMA}.checkpoint; drop schema ${SCHEMA} cascade`);
  }

  /** Lets nobody write into the directory until the answer is called, as a slow database does. */
  holdDirectory(): Promise<() => Promise<void>> {
    return this.#holdOpen(`lock table ${SCHEMA}.client in share mode`);
  }

  /**
   * Lets no batch of some mailings' plans be written from one number on, until the answer is called.
   *
   * @param afterSeconds how long each refusal takes
   */
  async refuseBatches(
    mailingIds: readonly string[],
    from: number,
    afterSeconds = 0,
  ): Promise<() => Promise<void>> {
    await this.#execute(
      `create function ${SCHEMA}.refuse_batch() returns trigger language plpgsql as $$ begin
         if new.mailing_id = any('{${mailingIds.join()}}') and new.batch >= ${from} then
           perform pg_sleep(${afterSeconds});
           raise exception 'refused';
         end if;
         return new;
       end $$;
       create trigger refuse_batch before insert on ${SCHEMA}.plan_batch
         for each row execute function ${SCHEMA}.refuse_batch()`,
    );
    return async () => {
      await this.#execute(`drop function ${SCHEMA}.refuse_batch cascade`);
    };
  }

  /** Takes the last batch of a plan away as soon as the plan is cut, until the answer is called: it cannot be published. */
  async hideLastBatch(): Promise<() => Promise<void>> {
    await this.#execute(
      `create table public.hidden_batch (like ${SCHEMA}.plan_batch);
       create function ${SCHEMA}.hide_batch() returns trigger language plpgsql as $$ begin
         with hidden as (
           delete from ${SCHEMA}.plan_batch where mailing_id = old.mailing_id and batch =
             (select max(batch) from ${SCHEMA}.plan_batch where mailing_id = old.mailing_id)
           returning *
         ) insert into public.hidden_batch select * from hidden;
         return null;
       end $$;
       create trigger hide_batch after delete on ${SCHEMA}.plan_cut
         for each row execute function ${SCHEMA}.hide_batch()`,
    );
    return async () => {
      await this.#execute(
        `drop function ${SCHEMA}.hide_batch cascade;
         insert into ${SCHEMA}.plan_batch select * from public.hidden_batch;
         drop table public.hidden_batch`,
      );
    };
  }

  /** Keeps a row of a client that no plan needs. */
  async keepClientBefore(): Promise<void> {
    await this.#execute(
      `insert into ${SCHEMA}.client_before values (gen_random_uuid(), 0, 1, '', '', 'Zulu')`,
    );
  }

  /** How many rows are kept of clients as they were. */
  async clientsBefore(): Promise<number> {
    const rows = await this.#execute<{ count: number }>(
      `select count(*) as count from ${SCHEMA}.client_before`,
    );
    return rows[0]?.count ?? -1;
  }

  /** Makes an import, and what its chunks have come to, so many days older. */
  async age(importId: string, days: number): Promise<void> {
    await this.#execute(
      `update ${SCHEMA}.client_import set created_at = created_at - interval '${days} days' where id = '${importId}';
       update ${SCHEMA}.command_result set created_at = created_at - interval '${days} days'
       where import_id = '${importId}'`,
    );
  }

  /** How many phones are noted of a dry run. */
  async phonesOf(importId: string): Promise<number> {
    return this.#count(`from ${SCHEMA}.import_phone where import_id = '${importId}'`);
  }

  async isReserved(phone: string): Promise<boolean> {
    return (await this.#count(`from ${SCHEMA}.phone_reservation where phone = '${phone}'`)) > 0;
  }

  async #count(rows: string): Promise<number> {
    return (await this.#execute<{ count: number }>(`select count(*)::int as count ${rows}`))[0]?.count ?? -1;
  }

  /** Lets no row of a table be written for which a condition on `new` holds, until the answer is called: events are parked. */
  async refuseRows(table: string, condition: string): Promise<() => Promise<void>> {
    const name = `refuse_${table}`;
    await this.#execute(
      `create function ${SCHEMA}.${name}() returns trigger language plpgsql as $$ begin
         if ${condition} then raise exception 'refused'; end if;
         return new;
       end $$;
       create trigger ${name} before insert or update on ${SCHEMA}.${table}
         for each row execute function ${SCHEMA}.${name}()`,
    );
    return async () => {
      await this.#execute(`drop function ${SCHEMA}.${name} cascade`);
    };
  }

  /** What the model holds, but for where its rows come from: plans of which all is told by the log, and no results. */
  async dump(): Promise<Readonly<Record<string, ReadonlyArray<Readonly<Record<string, unknown>>>>>> {
    const tables = {
      client: `select (to_jsonb(client) - 'position') as row from ${SCHEMA}.client order by id`,
      reservation: `select to_jsonb(r) as row from ${SCHEMA}.phone_reservation r order by phone`,
      mailing: `select to_jsonb(m) as row from ${SCHEMA}.mailing m order by id`,
      plan: `select to_jsonb(p) as row from ${SCHEMA}.plan p order by mailing_id`,
      counter: `select to_jsonb(c) as row from ${SCHEMA}.message_counter c`,
      cut: `select to_jsonb(c) as row from ${SCHEMA}.plan_cut c order by mailing_id`,
      before: `select to_jsonb(b) as row from ${SCHEMA}.client_before b order by id, from_position`,
    };
    const dumped = Object.entries(tables).map(async ([name, statement]) => {
      const rows = await this.#execute<{ row: Record<string, unknown> }>(statement);
      return [name, rows.map(({ row }) => row)] as const;
    });
    return Object.fromEntries(await Promise.all(dumped));
  }

  /** The schemas that belong to the service. */
  async schemas(): Promise<string[]> {
    const rows = await this.#execute<{ name: string }>(
      `select nspname as name from pg_namespace where nspname like '${SCHEMA}%' order by 1`,
    );
    return rows.map(({ name }) => name);
  }

  /** Tables and indexes as they are made. */
  async structure(): Promise<string[]> {
    const rows = await this.#execute<{ made: string }>(
      `select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable as made
         from information_schema.columns where table_schema = '${SCHEMA}'
       union all select indexdef from pg_indexes where schemaname = '${SCHEMA}' order by 1`,
    );
    return rows.map(({ made }) => made);
  }

  /** Lets no rebuild fold anything, until the answer is called. */
  holdRebuild(): Promise<() => Promise<void>> {
    return this.#holdOpen(`select pg_advisory_lock(hashtextextended('${REBUILD_SCHEMA}.${FOLD}', 0))`);
  }

  /** Whether a rebuild waits for {@link holdRebuild}. */
  async isRebuildHeld(): Promise<boolean> {
    const rows = await this.#execute(
      `select from pg_stat_activity where application_name = 'lock ${REBUILD_SCHEMA}.${FOLD}' and wait_event = 'advisory'
       and datname = current_database()`,
    );
    return rows.length > 0;
  }

  /** Ends the database sessions of a name, as a network does that swallows them. */
  async killSessions(name: string): Promise<void> {
    await this.#execute(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like '%${name}%' and datname = current_database() and pid <> pg_backend_pid()`,
    );
  }

  /** Changes rows as nobody should. */
  async tamper(statement: string): Promise<void> {
    await this.#execute(statement.replaceAll('SCHEMA', SCHEMA));
  }

  /** How many batches of a plan are cut and not known to be in the log. */
  async plannedBatches(mailingId: string): Promise<number> {
    const rows = await this.#execute<{ count: number }>(
      `select count(*) as count from ${SCHEMA}.plan_batch where mailing_id = '${mailingId}'`,
    );
    return rows[0]?.count ?? -1;
  }

  /** Runs a statement in a transaction that is committed when the answer is called. */
  async #holdOpen(statement: string): Promise<() => Promise<void>> {
    const database = openTables(this.#url);
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const holding = database.transaction().execute(async (transaction) => {
      await sql.raw(statement).execute(transaction);
      held.resolve();
      await released.promise;
    });
    await Promise.race([held.promise, holding]);
    return async () => {
      released.resolve();
      await holding;
      await database.destroy();
    };
  }

  async #execute<Row = unknown>(statement: string): Promise<Row[]> {
    const database = openTables(this.#url);
    try {
      return (await sql.raw<Row>(statement).execute(database)).rows;
    } finally {
      await database.destroy();
    }
  }
}
