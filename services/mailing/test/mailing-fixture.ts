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
  type Mailing,
  makeCommand,
  newId,
  openMailingsQuery,
  resultSubject,
} from '@herald/contracts';
import { ensureTopology } from '@herald/event-log';
import { ask, createRuntime, type Runtime } from '@herald/service-kit';
import {
  createTestDatabase,
  eventually,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@herald/testkit';
import { afterAll, beforeAll } from 'vitest';
import { startMailing } from '../src/app.ts';
import { ModelTampering } from './model-tampering.ts';
import { PlayedLog } from './played-log.ts';

interface Opened {
  readonly nats: TestNats;
  readonly database: TestDatabase;
  readonly tester: Runtime;
  readonly model: ModelTampering;
  readonly log: PlayedLog;
}

/** A broker, a database, and as many mailing services on them as the test starts. */
export class MailingFixture {
  /** How long services that start from now on must doubt the log until they believe that it is another one. */
  certainAfterMs = 1_000;
  /** How many clients a plan may have to be written at once by services that start from now on. */
  planAtOnce: number | undefined;
  /** Where services that start from now on find the database; {@link database} where absent. */
  databaseUrl: string | undefined;
  readonly #services = new Set<Runtime>();
  #opened: Opened | undefined;

  static async start(): Promise<MailingFixture> {
    const fixture = new MailingFixture();
    await fixture.open();
    return fixture;
  }

  async open(): Promise<void> {
    const [nats, database] = await Promise.all([startTestNats(), createTestDatabase()]);
    const tester = await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' });
    this.#opened = {
      nats,
      database,
      tester,
      model: new ModelTampering(database.url),
      log: new PlayedLog(tester),
    };
  }

  get #open(): Opened {
    if (this.#opened === undefined) throw new Error('the fixture is open before the first test');
    return this.#opened;
  }

  get nats(): TestNats {
    return this.#open.nats;
  }

  get database(): TestDatabase {
    return this.#open.database;
  }

  /** The tests' own connection, which plays the other services. */
  get tester(): Runtime {
    return this.#open.tester;
  }

  /** What a test does to the read model. */
  get model(): ModelTampering {
    return this.#open.model;
  }

  get log(): PlayedLog {
    return this.#open.log;
  }

  async startService(instance = `mailing-${this.#services.size + 1}`): Promise<Runtime> {
    const logLevel = process.env.TEST_LOG_LEVEL ?? 'silent';
    const runtime = await createRuntime({ service: 'mailing', instance, natsUrl: this.nats.url, logLevel });
    this.#services.add(runtime);
    const config = { DATABASE_URL: this.databaseUrl ?? this.database.url, DATABASE_CONNECTIONS: 10 };
    const { certainAfterMs, planAtOnce } = this;
    await startMailing(runtime, config, {
      certainAfterMs,
      ...(planAtOnce === undefined ? {} : { planAtOnce }),
    });
    return runtime;
  }

  /** The services that run now. */
  get running(): readonly Runtime[] {
    return [...this.#services];
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
}

/**
 * A fixture with services for the tests of the file or block that calls this: open before the first of them, and taken
 * down after the last.
 */
export function useMailing(services: number): MailingFixture {
  const fixture = new MailingFixture();
  beforeAll(async () => {
    await fixture.open();
    for (let started = 0; started < services; started += 1) await fixture.startService();
  });
  afterAll(() => fixture.stop());
  return fixture;
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
