import {
  type Client,
  type CommandBody,
  type CommandResult,
  type CommandType,
  clientsQuery,
  commandResult,
  commandSubjects,
  deriveId,
  EVENTS_STREAM,
  type EventBody,
  eventSubjects,
  type HeraldEvent,
  type Mailing,
  makeCommand,
  makeEvent,
  newId,
  openMailingsQuery,
  type Provenance,
  parseEvent,
  resultSubject,
} from '@herald/contracts';
import { ensureTopology, readLog } from '@herald/event-log';
import { openDatabase } from '@herald/postgres';
import { ask, createRuntime, type Runtime } from '@herald/service-kit';
import {
  createTestDatabase,
  eventually,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@herald/testkit';
import { sql } from 'kysely';
import { startMailing } from '../src/app.ts';
import { SCHEMA } from '../src/dependencies.ts';

/** A broker, a database, and as many mailing services on them as the test starts. */
export class MailingFixture {
  readonly nats: TestNats;
  readonly database: TestDatabase;
  /** The tests' own connection, which plays the other services. */
  readonly tester: Runtime;
  /** How long services that start from now on must doubt the log until they believe that it is another one. */
  certainAfterMs = 1_000;
  /** How many clients a plan may have to be written at once by services that start from now on. */
  planAtOnce: number | undefined;
  /** Where services that start from now on find the database. */
  databaseUrl: string;
  readonly #services = new Set<Runtime>();

  static async start(): Promise<MailingFixture> {
    const [nats, database] = await Promise.all([startTestNats(), createTestDatabase()]);
    const tester = await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' });
    return new MailingFixture(nats, database, tester);
  }

  private constructor(nats: TestNats, database: TestDatabase, tester: Runtime) {
    this.nats = nats;
    this.database = database;
    this.databaseUrl = database.url;
    this.tester = tester;
  }

  async startService(instance = `mailing-${this.#services.size + 1}`): Promise<Runtime> {
    const logLevel = process.env.TEST_LOG_LEVEL ?? 'silent';
    const runtime = await createRuntime({ service: 'mailing', instance, natsUrl: this.nats.url, logLevel });
    this.#services.add(runtime);
    const config = { DATABASE_URL: this.databaseUrl, DATABASE_CONNECTIONS: 10 };
    const { certainAfterMs, planAtOnce } = this;
    await startMailing(runtime, config, {
      certainAfterMs,
      ...(planAtOnce === undefined ? {} : { planAtOnce }),
    });
    return runtime;
  }

  async stopService(runtime: Runtime): Promise<void> {
    this.#services.delete(runtime);
    await runtime.stop();
  }

  async stop(): Promise<void> {
    for (const runtime of [...this.#services]) await this.stopService(runtime);
    await this.tester.stop();
    await this.database.drop();
    await this.nats.stop();
  }

  /** Sends a command as the gateway does and waits for its result. */
  async command<Type extends CommandType>(
    body: CommandBody<Type>,
    options: { id?: string; messageId?: string; subject: string; waitMs?: number },
  ): Promise<CommandResult> {
    const id = options.id ?? newId();
    const answer = this.#nextResult(id, options.waitMs ?? 15_000);
    const command = makeCommand(
      id,
      'fingerprint',
      body,
      { source: 'tester', correlationId: 'test' },
      new Date(),
    );
    await this.tester.writer.publish(options.subject, JSON.stringify(command), {
      messageId: options.messageId ?? newId(),
    });
    return answer;
  }

  async #nextResult(id: string, timeout: number): Promise<CommandResult> {
    const subscription = this.tester.broker.connection.subscribe(resultSubject(id), {
      max: 1,
      timeout,
    });
    for await (const message of subscription) return commandResult.parse(message.json());
    throw new Error('no result came');
  }

  register(
    phone: string,
    more: Partial<{ timezone: string; tag: string; id: string }> = {},
    waitMs = 15_000,
  ): Promise<CommandResult> {
    const id = more.id ?? newId();
    const clientId = deriveId(id, 'client');
    const { timezone = 'Europe/Moscow', tag = '' } = more;
    return this.command(
      { type: 'RegisterClient', data: { clientId, phone, timezone, tag } },
      { id, subject: commandSubjects.client(clientId), waitMs },
    );
  }

  change(
    clientId: string,
    changes: { phone?: string; timezone?: string; tag?: string | null },
  ): Promise<CommandResult> {
    return this.command(
      { type: 'ChangeClient', data: { clientId, changes } },
      { subject: commandSubjects.client(clientId) },
    );
  }

  remove(clientId: string): Promise<CommandResult> {
    return this.command(
      { type: 'RemoveClient', data: { clientId } },
      { subject: commandSubjects.client(clientId) },
    );
  }

  createMailing(more: Partial<Pick<Mailing, 'filter' | 'startAt' | 'endAt'>> = {}): Promise<CommandResult> {
    const mailingId = newId();
    const now = Date.now();
    const data = {
      mailingId,
      name: null,
      text: 'hello',
      startAt: new Date(now - 1_000).toISOString(),
      endAt: new Date(now + 3_600_000).toISOString(),
      filter: { everyone: true as const },
      localWindow: null,
      rateLimit: null,
      priority: 5,
      ...more,
    };
    return this.command({ type: 'CreateMailing', data }, { subject: commandSubjects.mailing(mailingId) });
  }

  /** Appends an event as another service does, without looking what is there. */
  async append(subject: string, body: EventBody, more: Partial<Provenance> = {}): Promise<void> {
    const event = makeEvent(body, { source: 'tester', correlationId: 'test', ...more }, new Date());
    await this.tester.writer.publish(subject, JSON.stringify(event));
  }

  /** Starts a mailing as the scheduler does. */
  async startMailing(mailing: Mailing): Promise<void> {
    const started: Mailing = { ...mailing, status: 'running', startedAt: new Date().toISOString() };
    const body: EventBody = { type: 'MailingStarted', data: { mailing: started, recentCommands: [] } };
    await this.append(eventSubjects.mailing(mailing.id), body);
  }

  /** Takes the stored result of a command away, as if the service had died before it could store it. */
  forgetResult(commandId: string): Promise<void> {
    return this.#execute(`delete from ${SCHEMA}.command_result where command_id = '${commandId}'`);
  }

  /** Stores a result of a command that nobody can read. */
  spoilResult(commandId: string): Promise<void> {
    return this.#execute(
      `insert into ${SCHEMA}.command_result (command_id, fingerprint, outcome)
       values ('${commandId}', 'fingerprint', '{"kind": "of a newer release"}')`,
    );
  }

  /** Stores a refusal of a command, as a delivery of it may that another one overtook. */
  storeRefusal(commandId: string): Promise<void> {
    return this.#execute(
      `insert into ${SCHEMA}.command_result (command_id, fingerprint, outcome)
       values ('${commandId}', 'fingerprint', '{"kind": "refused", "refusal": {"code": "client-not-found"}}')`,
    );
  }

  /**
   * Claims a phone for a client, as a command does that dies before it has decided anew.
   *
   * @param commandId `null` where the client is new
   */
  claim(phone: string, clientId: string, commandId: string | null): Promise<void> {
    const claimedBy = commandId === null ? 'null' : `'${commandId}'`;
    return this.#execute(
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
    const database = openDatabase({ url: this.database.url, schema: SCHEMA, connections: 1, name: 'tester' });
    const { rows } = await sql`
      select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(database);
    await database.destroy();
    return rows.length > 0;
  }

  /** Reserves a phone that is about to be given up, in a transaction that is open until the answer is called. */
  async holdPhone(phone: string): Promise<() => Promise<void>> {
    await this.#execute(`insert into ${SCHEMA}.phone_reservation values ('${phone}', '${newId()}')`);
    return this.#holdOpen(`delete from ${SCHEMA}.phone_reservation where phone = '${phone}'`);
  }

  /** Leaves a mailing in the read model as a release might that knows another form of it. */
  spoilMailing(mailingId: string): Promise<void> {
    return this.#execute(
      `update ${SCHEMA}.mailing set state = state || '{"startAt": "soon"}' where id = '${mailingId}'`,
    );
  }

  /** Makes the log look like another one than the directory follows, until the answer is called. */
  async confuseCheckpoint(): Promise<() => Promise<void>> {
    await this.#execute(
      `create table confusion as select last_event_id from ${SCHEMA}.checkpoint;
       update ${SCHEMA}.checkpoint set last_event_id = '${newId()}'`,
    );
    return () =>
      this.#execute(
        `update ${SCHEMA}.checkpoint set last_event_id = (select last_event_id from confusion);
         drop table confusion`,
      );
  }

  /** Takes the whole read model away, as a lost database does. */
  dropSchema(): Promise<void> {
    return this.#execute(`drop schema ${SCHEMA} cascade`);
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
    return () => this.#execute(`drop function ${SCHEMA}.refuse_batch cascade`);
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
    return () =>
      this.#execute(
        `drop function ${SCHEMA}.hide_batch cascade;
         insert into ${SCHEMA}.plan_batch select * from public.hidden_batch;
         drop table public.hidden_batch`,
      );
  }

  /** Keeps a row of a client that no plan needs. */
  keepClientBefore(): Promise<void> {
    return this.#execute(
      `insert into ${SCHEMA}.client_before values (gen_random_uuid(), 0, 1, '', '', 'Zulu')`,
    );
  }

  /** How many rows are kept of clients as they were. */
  async clientsBefore(): Promise<number> {
    const database = openDatabase({ url: this.database.url, schema: SCHEMA, connections: 1, name: 'tester' });
    const { rows } = await sql<{ count: number }>`select count(*) as count from client_before`.execute(
      database,
    );
    await database.destroy();
    return rows[0]?.count ?? -1;
  }

  /** Runs a statement in a transaction that is committed when the answer is called. */
  async #holdOpen(statement: string): Promise<() => Promise<void>> {
    const database = openDatabase({ url: this.database.url, schema: SCHEMA, connections: 1, name: 'tester' });
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

  /** The clients of the directory that have a phone. */
  async listed(phone: string): Promise<Client[]> {
    const { items } = await ask(this.tester.broker, clientsQuery, { phone, limit: 10, after: null });
    return items;
  }

  /** How far the directory is. */
  async foldedPosition(): Promise<number> {
    const { sequence } = await ask(this.tester.broker, openMailingsQuery, { after: null });
    return sequence;
  }

  /** Puts an empty log in the place of the one that is there, as a restored or replaced server has it. */
  async replaceLog(): Promise<void> {
    const { manager } = this.tester.broker;
    await manager.streams.delete(EVENTS_STREAM);
    await this.nats.kill();
    await this.nats.restart();
    await eventually(() => this.tester.broker.isConnected());
    await ensureTopology(this.tester.broker, { replicas: 1 });
  }

  async #execute(statement: string): Promise<void> {
    const database = openDatabase({ url: this.database.url, schema: SCHEMA, connections: 1, name: 'tester' });
    await sql.raw(statement).execute(database);
    await database.destroy();
  }

  /** All events of a filter, from the first on. */
  async events(filter: string = eventSubjects.all): Promise<HeraldEvent[]> {
    const found: HeraldEvent[] = [];
    const signal = new AbortController().signal;
    for await (const records of readLog(this.tester.broker, {
      filter,
      startSequence: 1,
      signal,
      stopAtEnd: true,
    })) {
      found.push(...records.map((record) => parseEvent(record.text)));
    }
    return found;
  }
}

/** The client of a result. @throws Error when the command was refused */
export function clientOf(result: CommandResult): Client {
  if (result.outcome.kind !== 'client') throw new Error(JSON.stringify(result.outcome));
  return result.outcome.client;
}

/** The mailing of a result. @throws Error when the command was refused */
export function mailingOf(result: CommandResult): Mailing {
  if (result.outcome.kind !== 'mailing') throw new Error(JSON.stringify(result.outcome));
  return result.outcome.mailing;
}
