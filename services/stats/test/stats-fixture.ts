import {
  beginRebuildQuery,
  cancelRebuildQuery,
  dropGenerationQuery,
  EVENTS_STREAM,
  generationsQuery,
  type Message,
  mailingStatsQuery,
  makeEvent,
  messageQuery,
  messagesQuery,
  overviewQuery,
  positionsQuery,
  rebuildQuery,
  redriveStatsQuery,
  type StatsGeneration,
  type StatsRebuild,
  statsParkedQuery,
  whyQuery,
} from '@herald/contracts';
import { migrate, openDatabase } from '@herald/postgres';
import { ask, createRuntime, type Runtime } from '@herald/service-kit';
import {
  createTestDatabase,
  eventually,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import { startStats } from '../src/app.ts';
import { FIRST_TABLES, migrations } from '../src/database/migrations.ts';
import type { Step } from './story.ts';

type MailingStats = NonNullable<z.infer<typeof mailingStatsQuery.reply>['stats']>;
type Question<Query extends { request: z.ZodType }> = Partial<z.infer<Query['request']>>;

/** A log, a database, and as many stats services on them as the test starts. */
export class StatsFixture {
  readonly nats: TestNats;
  readonly tester: Runtime;
  readonly #services = new Set<Runtime>();
  readonly #databases = new Set<TestDatabase>();
  #database: TestDatabase;
  #started = 0;

  static async start(): Promise<StatsFixture> {
    const [nats, database] = await Promise.all([startTestNats(), createTestDatabase()]);
    const tester = await createRuntime({ service: 'tester', natsUrl: nats.url, logLevel: 'silent' });
    return new StatsFixture(nats, database, tester);
  }

  private constructor(nats: TestNats, database: TestDatabase, tester: Runtime) {
    this.nats = nats;
    this.#database = database;
    this.#databases.add(database);
    this.tester = tester;
  }

  /** Of the database that services find which are started now. */
  get databaseUrl(): string {
    return this.#database.url;
  }

  async startService(lanes: 1 | 16 = 1): Promise<Runtime> {
    this.#started += 1;
    const runtime = await createRuntime({
      service: 'stats',
      instance: `stats-${this.#started}`,
      natsUrl: this.nats.url,
      logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
    });
    this.#services.add(runtime);
    await startStats(runtime, {
      DATABASE_URL: this.#database.url,
      DATABASE_CONNECTIONS: 10,
      STATS_LANES: lanes,
    });
    // The broker learns of the answerer with the next round trip only.
    await runtime.broker.connection.flush();
    return runtime;
  }

  async stopService(runtime: Runtime): Promise<void> {
    this.#services.delete(runtime);
    await runtime.stop();
  }

  /** The services that are started from now on find an empty database. */
  async useNewDatabase(): Promise<void> {
    this.#database = await createTestDatabase();
    this.#databases.add(this.#database);
  }

  /** The services that are started from now on find what the first release has folded up to a position. */
  async useModelOfFirstRelease(sequence: number): Promise<void> {
    await this.useNewDatabase();
    const { [FIRST_TABLES]: first } = migrations;
    if (first === undefined) throw new Error('the first migration is gone');
    await this.#withDatabase((database) => migrate(database, 'stats_1', { [FIRST_TABLES]: first }));
    const { created } = await this.tester.broker.manager.streams.info(EVENTS_STREAM);
    await this.execute('insert into layout values (true, 1)');
    await this.execute(`insert into checkpoint values ('lane-0', ${sequence}, '${created}', null, now())`);
    await this.execute(
      'insert into message values (1, gen_random_uuid(), gen_random_uuid(), 0, 0, 0, now(), null, null)',
    );
  }

  async stop(): Promise<void> {
    for (const runtime of [...this.#services]) await this.stopService(runtime);
    await this.tester.stop();
    for (const database of this.#databases) await database.drop();
    await this.nats.stop();
  }

  /** Appends in this order. @returns the position of the last */
  async append(...steps: readonly Step[]): Promise<number> {
    const stored = await Promise.all(
      steps.map(({ subject, body, at }) =>
        this.appendText(
          subject,
          JSON.stringify(makeEvent(body, { source: 'tester', correlationId: 'test' }, at)),
        ),
      ),
    );
    return stored.at(-1) ?? 0;
  }

  async appendText(subject: string, text: string): Promise<number> {
    const result = await this.tester.writer.publish(subject, text);
    if (result.kind !== 'stored') throw new Error(result.kind);
    return result.sequence;
  }

  /** Waits until everything up to a position is folded by a single lane. */
  folded(sequence: number): Promise<boolean> {
    return eventually(
      async () => {
        const schema = await this.servedSchema();
        const { rows } = await this.execute<{ sequence: number }>(
          `select sequence from ${schema}.checkpoint`,
        );
        return rows.length === 1 && Number(rows[0]?.sequence) >= sequence;
      },
      { message: `everything up to ${sequence} is folded`, timeoutMs: 20_000 },
    );
  }

  /** The schema of the generation that is served. */
  async servedSchema(): Promise<string> {
    const { rows } = await this.execute<{ generation: number }>('select generation from stats.pointer');
    return `stats_${rows[0]?.generation}`;
  }

  /** Takes every read model away, as a lost database does. */
  async dropSchemas(): Promise<void> {
    await this.execute('lock table stats_1.checkpoint; drop schema stats_1 cascade');
    await this.execute('drop schema stats cascade');
  }

  /** Ends every connection that the services have to the database. */
  async killConnections(): Promise<void> {
    await this.execute(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  }

  execute<Row>(statement: string): Promise<{ rows: Row[] }> {
    return this.#withDatabase((database) => sql.raw<Row>(statement).execute(database));
  }

  async #withDatabase<Result>(use: (database: Kysely<unknown>) => Promise<Result>): Promise<Result> {
    const database: Kysely<unknown> = openDatabase({
      url: this.#database.url,
      schema: 'stats_1',
      connections: 1,
      name: 'tester',
    });
    try {
      return await use(database);
    } finally {
      await database.destroy();
    }
  }

  overview(question: Question<typeof overviewQuery> = {}) {
    return ask(this.tester.broker, overviewQuery, { limit: 100, after: null, ...question });
  }

  async statsOf(
    mailing: { readonly id: string },
    question: Omit<Question<typeof mailingStatsQuery>, 'mailingId'> = {},
  ): Promise<MailingStats | null> {
    return (await ask(this.tester.broker, mailingStatsQuery, { mailingId: mailing.id, ...question })).stats;
  }

  /** Begins a job on the generations. */
  beginJob(wish: z.infer<typeof beginRebuildQuery.request>) {
    return ask(this.tester.broker, beginRebuildQuery, wish);
  }

  /** Waits until the job under way is over. */
  jobEnded(): Promise<StatsRebuild> {
    return eventually(
      async () => {
        const { job } = await ask(this.tester.broker, rebuildQuery, {});
        return job?.endedAt == null ? null : job;
      },
      { message: 'the job is over', timeoutMs: 60_000 },
    );
  }

  async generations(): Promise<readonly StatsGeneration[]> {
    return (await ask(this.tester.broker, generationsQuery, {})).items;
  }

  async cancelJob(): Promise<boolean> {
    return (await ask(this.tester.broker, cancelRebuildQuery, {})).isCancelled;
  }

  async parked() {
    return (await ask(this.tester.broker, statsParkedQuery, { limit: 100, after: null })).items;
  }

  redrive(place: z.infer<typeof redriveStatsQuery.request>) {
    return ask(this.tester.broker, redriveStatsQuery, place);
  }

  async dropGeneration(generation: number) {
    return (await ask(this.tester.broker, dropGenerationQuery, { generation })).refusal;
  }

  messages(question: Question<typeof messagesQuery> = {}) {
    return ask(this.tester.broker, messagesQuery, { limit: 100, after: null, ...question });
  }

  /** Every message of a question, page after page. */
  async allMessages(question: Question<typeof messagesQuery>, limit: number): Promise<Message[]> {
    const found: Message[] = [];
    let after: number | null = null;
    do {
      const page: Awaited<ReturnType<StatsFixture['messages']>> = await this.messages({
        ...question,
        limit,
        after,
      });
      found.push(...page.items);
      after = page.next;
    } while (after !== null);
    return found;
  }

  positions(
    question: Pick<z.infer<typeof positionsQuery.request>, 'scope'> & Question<typeof positionsQuery>,
  ) {
    return ask(this.tester.broker, positionsQuery, { from: 'oldest', limit: 100, after: null, ...question });
  }

  why(mailing: { readonly id: string }, clientId: string) {
    return ask(this.tester.broker, whyQuery, { mailingId: mailing.id, clientId });
  }

  async message(messageId: number) {
    return (await ask(this.tester.broker, messageQuery, { messageId })).message;
  }
}
