import { eventSubjects, type HeraldEvent, makeEvent, newId, type Provenance } from '@herald/contracts';
import { type Broker, connectBroker, ensureTopology, LogWriter } from '@herald/event-log';
import { createLogger } from '@herald/service-kit';
import { someMailing } from '@herald/testkit';
import { type Kysely, sql } from 'kysely';
import { openDatabase } from '../src/database.ts';
import { startFold } from '../src/fold.ts';
import type { FoldOptions } from '../src/fold-options.ts';
import type { Fold } from '../src/fold-state.ts';
import { createFoldTables, type FoldTables, refuseOlderFolds } from '../src/fold-tables.ts';
import { migrate } from '../src/migrate.ts';

/** A model that shows each mistake: a sequence folded twice breaks its key, and the total counts every writing. */
interface SeenTables extends FoldTables {
  seen: { sequence: number; event_id: string };
  total: { events: number };
}

export interface FoldHarness {
  readonly broker: Broker;
  readonly database: Kysely<SeenTables>;
  /** Appends texts, be they events or not, each on a subject of its own; answers their positions. */
  append(...texts: readonly string[]): Promise<number[]>;
  /** Appends them on subjects of clients. */
  appendOfClients(...texts: readonly string[]): Promise<number[]>;
  /** Starts a fold over everything; every fold of a harness has the same name. */
  start(overrides?: Partial<FoldOptions<SeenTables>>): Fold;
  seen(): Promise<{ sequences: number[]; total: number }>;
  stop(): Promise<void>;
}

const SCHEMA = 'folded';
const silent = createLogger('test', 'test', 'silent');
const provenance: Provenance = { source: 'test', correlationId: 'test' };

/** An event as it stands in the log. */
export const someEvent = (name = 'one'): HeraldEvent =>
  makeEvent(
    {
      type: 'MailingCreated',
      data: {
        mailing: someMailing({ name }),
        recentCommands: [],
      },
    },
    provenance,
    new Date(),
  );

export const someText = (name?: string): string => JSON.stringify(someEvent(name));

/** Opens the log and a schema with one small model. */
export async function openHarness(natsUrl: string, databaseUrl: string): Promise<FoldHarness> {
  const broker = await connectBroker({ url: natsUrl, name: 'fold test' });
  await ensureTopology(broker, { replicas: 1 });
  const writer = new LogWriter(broker);
  const database = openDatabase<SeenTables>({
    url: databaseUrl,
    schema: SCHEMA,
    connections: 4,
    name: 'fold test',
  });
  const prepare = (): Promise<unknown> =>
    migrate(database, SCHEMA, {
      '0001_seen': {
        up: async (connection) => {
          await createFoldTables(connection);
          await refuseOlderFolds(connection);
          await sql`create table seen (sequence bigint primary key, event_id uuid not null)`.execute(
            connection,
          );
          await sql`create table total (events bigint not null)`.execute(connection);
          await sql`insert into total values (0)`.execute(connection);
        },
      },
    });
  await prepare();
  const folds: Fold[] = [];
  const appendOn = (subjectOf: (id: string) => string, texts: readonly string[]): Promise<number[]> =>
    Promise.all(
      texts.map(async (text) => {
        const stored = await writer.publish(subjectOf(newId()), text);
        if (stored.kind !== 'stored') throw new Error('a conflict where none can be');
        return stored.sequence;
      }),
    );
  return {
    broker,
    database,
    append: (...texts) => appendOn(eventSubjects.mailing, texts),
    appendOfClients: (...texts) => appendOn(eventSubjects.client, texts),
    start: (overrides = {}) => {
      const fold = startFold<SeenTables>({
        name: 'seen',
        schema: SCHEMA,
        filter: eventSubjects.all,
        broker,
        database,
        databaseUrl,
        log: silent,
        chunkEvents: 100,
        certainAfterMs: 1_000,
        prepare,
        apply: async (transaction, events) => {
          for (const { record, event } of events) {
            await sql`insert into seen values (${record.sequence}, ${event.id})`.execute(transaction);
          }
          await sql`update total set events = events + ${events.length}`.execute(transaction);
        },
        ...overrides,
      });
      folds.push(fold);
      return fold;
    },
    seen: async () => {
      const sequences = await database.selectFrom('seen').select('sequence').orderBy('sequence').execute();
      const total = await database.selectFrom('total').select('events').executeTakeFirstOrThrow();
      return { sequences: sequences.map((row) => row.sequence), total: total.events };
    },
    stop: async () => {
      await Promise.all(folds.map((fold) => fold.stop()));
      writer.close();
      await database.destroy();
      await broker.connection.close();
    },
  };
}
