import { COMMAND_CONSUMER, COMMANDS_STREAM, eventSubjects, LOOK_AGAIN_SUBJECT } from '@herald/contracts';
import { type Fold, type FoldOptions, foldHealth, migrate, openDatabase, startFold } from '@herald/postgres';
import type { Runtime } from '@herald/service-kit';
import { sql } from 'kysely';
import { awaitDirectory } from './await-directory.ts';
import { watchZones } from './clients/unreadable-zones.ts';
import { deleteOldResults } from './commands/command-results.ts';
import { CommandConsumer } from './commands/consume-commands.ts';
import type { MailingConfig } from './config.ts';
import { FOLD } from './database/look.ts';
import { migrations } from './database/migrations.ts';
import type { Tables } from './database/tables.ts';
import { type Dependencies, SCHEMA } from './dependencies.ts';
import { applyEvents } from './fold/apply-events.ts';
import { LookAhead } from './fold/look-ahead.ts';
import { forgetImports } from './import/forget-imports.ts';
import { ImportPace } from './import/import-pace.ts';
import { serveParked } from './parked/serve-parked.ts';
import { PlanRunner } from './plan/plan-runner.ts';
import { setLogDoubted } from './queries/current-position.ts';
import { serveQueries } from './queries/serve-queries.ts';
import { Rebuilder } from './rebuild/rebuilder.ts';
import { serveRebuild } from './rebuild/serve-rebuild.ts';

const CHUNK_EVENTS = 1_000;
/**
 * Where events come faster than they are folded one by one, they gather for so long (milliseconds). Whoever wants a phone that
 * was left, or asks for recipients, waits for the directory: one write after another is folded at once.
 */
const GATHER_MS = 10;
const GATHER_FROM = 4;
/** Only the end of its mailing waits for a batch that is completed, and who asks how far the log is folded, milliseconds. */
const COMPLETIONS_WAIT_MS = 100;
const isOfBatch = (subject: string): boolean => OF_BATCH.test(subject);
const OF_BATCH = /^events\.\d+\.entity\.batch\./;
const RETRY_MS = 500;
const CLEANING_MS = 60 * 60 * 1_000;

/** What tests set and operators need not. */
export interface MailingOptions extends Pick<FoldOptions<Tables>, 'certainAfterMs'> {
  /** How many clients a plan may have to be written at once and not page by page. */
  readonly planAtOnce?: number;
}

/**
 * Composes the mailing service: the fold of the directory, the plans that follow from it, the commands, the answers.
 * Resolves when commands are being carried out; waits for the database as long as it takes.
 */
export async function startMailing(
  runtime: Runtime,
  config: MailingConfig,
  options: MailingOptions = {},
): Promise<void> {
  const database = openDatabase<Tables>({
    url: config.DATABASE_URL,
    schema: SCHEMA,
    connections: config.DATABASE_CONNECTIONS,
    name: runtime.instance,
    prepares: true,
    say: (event, details) => runtime.log.warn(details, event),
  });
  const dependencies: Dependencies = {
    runtime,
    database,
    now: () => new Date(),
    importPace: new ImportPace(),
  };
  const stopping = new AbortController();
  runtime.onStop('database', () => database.destroy());
  runtime.onStop('waiting', () => stopping.abort(new Error('stopping')));
  await migrateWhenThere(dependencies, stopping.signal);

  const plans = new PlanRunner(dependencies);
  const ahead = new LookAhead(runtime.broker, database, { isBeside: false });
  const duties: Array<() => Promise<void>> = [];
  const retire = async (): Promise<void> => {
    await Promise.all(duties.map((end) => end()));
  };
  const sayLost = (error: unknown): void =>
    runtime.log.error({ err: error }, 'the result that an event tells cannot be stored');
  const fold = startFold<Tables>({
    name: FOLD,
    schema: SCHEMA,
    filter: eventSubjects.allEntities,
    broker: runtime.broker,
    database,
    databaseUrl: config.DATABASE_URL,
    log: runtime.log,
    chunkEvents: CHUNK_EVENTS,
    gatherMs: GATHER_MS,
    gatherFrom: GATHER_FROM,
    unhurried: { isOne: isOfBatch, forMs: COMPLETIONS_WAIT_MS },
    prepare: () => migrate(database, SCHEMA, migrations),
    lookAhead: (events) => ahead.look(events),
    apply: async (transaction, events, isAlone) => {
      const lost = isAlone ? sayLost : undefined;
      plans.found(
        await applyEvents(transaction, events, { atOnce: options.planAtOnce, known: ahead.known, lost }),
      );
    },
    onActive: () => {
      ahead.begin();
      plans.activate();
    },
    onCommitted: (events) => plans.committed(events),
    onInactive: () => {
      ahead.end();
      plans.deactivate();
    },
    onDoubt: (isDoubted) => setLogDoubted(database, isDoubted),
    ...(options.certainAfterMs === undefined ? {} : { certainAfterMs: options.certainAfterMs }),
    // A directory of another log must not answer, and commands must not be decided by it.
    onBroken: () => void retire(),
  });
  runtime.onStop('fold', () => fold.stop());
  runtime.onStop('plans', () => plans.stop());
  addHealth(dependencies, fold);
  const cleaning = setInterval(() => {
    // In this order: an import of which only results are left is unknown, one without them would seem to run.
    forgetImports(database)
      .then(() => deleteOldResults(database))
      .catch((error) => runtime.log.warn({ err: error }, 'old results stay for now'));
  }, CLEANING_MS);
  runtime.onStop('cleaning', () => clearInterval(cleaning));

  // Answered also while the directory is not ready: here it is asked for what is wrong with it.
  const rebuilder = new Rebuilder(dependencies, {
    databaseUrl: config.DATABASE_URL,
    certainAfterMs: options.certainAfterMs,
  });
  const looking = runtime.broker.connection.subscribe(LOOK_AGAIN_SUBJECT, {
    callback: () => {
      rebuilder.lookAgain();
      plans.lookAgain();
    },
  });
  const endings = [serveRebuild(dependencies), serveParked(dependencies)];
  runtime.onStop('administration', async () => {
    looking.unsubscribe();
    await Promise.all([...endings.map((end) => end()), rebuilder.stop()]);
  });

  await awaitDirectory(dependencies, stopping.signal);
  const consumer = new CommandConsumer(dependencies);
  duties.push(serveQueries(dependencies), () => consumer.stop());
  runtime.onStop('duties', retire);
  await consumer.start();
  const zones = watchZones(dependencies);
  runtime.onStop('zones', () => zones.stop());
  runtime.describe(async () => ({
    ...(await describe(dependencies, fold)),
    unreadableTimezones: zones.found,
  }));
}

async function migrateWhenThere({ database, runtime }: Dependencies, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await migrate(database, SCHEMA, migrations);
      return;
    } catch (error) {
      signal.throwIfAborted();
      runtime.log.warn({ err: error }, 'the database cannot be prepared yet');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function addHealth({ runtime, database }: Dependencies, fold: Fold): void {
  runtime.health.add('database', async () => {
    await sql`select 1`.execute(database);
    return true as const;
  });
  runtime.health.add('fold', () => foldHealth(fold.state));
}

async function describe({ runtime, database }: Dependencies, fold: Fold): Promise<Record<string, unknown>> {
  const consumer = await runtime.broker.manager.consumers.info(COMMANDS_STREAM, COMMAND_CONSUMER);
  const { rows } = await sql`
    select p.mailing_id as id, m.status, p.messages, p.batches, p.completed as "batchesDone"
    from plan p join mailing m on m.id = p.mailing_id
    where not p.settled order by p.mailing_id limit 100`.execute(database);
  return {
    commandBacklog: consumer.num_pending + consumer.num_ack_pending,
    openMailings: rows,
    fold: fold.state,
  };
}
