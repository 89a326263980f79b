import { eventSubjects } from '@herald/contracts';
import {
  type Fold,
  type FoldedEvent,
  type FoldOptions,
  type FoldState,
  foldUpTo,
  migrate,
  openDatabase,
  startFold,
} from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import { FOLD } from '../database/look.ts';
import { migrations } from '../database/migrations.ts';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { applyEvents } from '../fold/apply-events.ts';
import { LookAhead } from '../fold/look-ahead.ts';
import { deferIndexes, makeDeferredIndexes } from './deferred-indexes.ts';
import { dropSchema, REBUILD_SCHEMA } from './schemas.ts';
import { Touched } from './touched.ts';

const CHUNK_EVENTS = 1_000;
/** One transaction and one look at a time. */
const CONNECTIONS = 3;

export interface ShadowOptions {
  readonly databaseUrl: string;
  readonly certainAfterMs?: number | undefined;
}

/** The model that is made anew, in a schema of its own, by a fold of its own. No plan is made from it. */
export class ShadowModel {
  readonly database: Kysely<Tables>;
  readonly #fold: FoldOptions<Tables>;
  readonly #ahead: LookAhead;
  #running: Fold | undefined;
  #touched: Touched | undefined;
  #broken: string | undefined;
  #changed: () => void = () => {};

  private constructor(
    { runtime }: Dependencies,
    database: Kysely<Tables>,
    { databaseUrl, certainAfterMs }: ShadowOptions,
  ) {
    this.database = database;
    const { broker, log } = runtime;
    const ahead = new LookAhead(broker, database, { isBeside: true });
    this.#ahead = ahead;
    this.#fold = {
      name: FOLD,
      schema: REBUILD_SCHEMA,
      filter: eventSubjects.allEntities,
      broker,
      database,
      databaseUrl,
      log,
      chunkEvents: CHUNK_EVENTS,
      prepare: () => migrate(database, REBUILD_SCHEMA, migrations),
      lookAhead: (events) => ahead.look(events),
      apply: async (transaction, events, isAlone) => {
        const lost = isAlone ? (error: unknown) => log.error({ err: error }, 'a result is lost') : undefined;
        await applyEvents(transaction, events, { known: ahead.known, lost });
        await sql`update directory_rebuild set events = events + ${events.length}`.execute(transaction);
      },
      onActive: () => {
        ahead.begin();
        this.#changed();
      },
      onCommitted: (events) => {
        this.#touched?.add(events);
        this.#changed();
      },
      onInactive: () => ahead.end(),
      onBroken: () => {
        const { state } = this;
        this.#broken = state?.kind === 'broken' ? state.reason : 'the log is another one';
        this.#changed();
      },
      ...(certainAfterMs === undefined ? {} : { certainAfterMs }),
    };
  }

  /** Makes its tables, or finds those of this rebuild there: an instance that died has left them. */
  static async open(dependencies: Dependencies, options: ShadowOptions, id: string): Promise<ShadowModel> {
    const { runtime } = dependencies;
    const database = openDatabase<Tables>({
      url: options.databaseUrl,
      schema: REBUILD_SCHEMA,
      connections: CONNECTIONS,
      name: `${runtime.instance} rebuild`,
      prepares: true,
      say: (event, details) => runtime.log.warn(details, event),
    });
    try {
      if (!(await isOf(database, id))) {
        await dropSchema(database, REBUILD_SCHEMA);
        await migrate(database, REBUILD_SCHEMA, migrations);
        await deferIndexes(database);
        await sql`insert into directory_rebuild (id, state) values (${id}, 'folding')`.execute(database);
      } else {
        await migrate(database, REBUILD_SCHEMA, migrations);
      }
      return new ShadowModel(dependencies, database, options);
    } catch (error) {
      await database.destroy();
      throw error;
    }
  }

  get state(): FoldState | undefined {
    return this.#running?.state;
  }

  /** Why it will never be made; `undefined` while it may. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** How many events it holds. */
  async countEvents(): Promise<number> {
    const { rows } = await sql<{ events: number }>`select events from directory_rebuild`.execute(
      this.database,
    );
    return rows[0]?.events ?? 0;
  }

  /** How far it is. */
  async position(): Promise<number> {
    const { rows } = await sql<{ sequence: number }>`
      select sequence from checkpoint where name = ${FOLD}`.execute(this.database);
    return rows[0]?.sequence ?? 0;
  }

  /** Folds from its checkpoint on. */
  start(): void {
    this.#running ??= startFold(this.#fold);
  }

  /** Makes the indexes that no fold reads, once what there is to fold is folded. The fold rests meanwhile. */
  async makeIndexes(): Promise<void> {
    await this.pause();
    await makeDeferredIndexes(this.database);
    this.start();
  }

  /** Notes from now on whose events are folded. */
  watch(): Touched {
    this.#touched = new Touched();
    return this.#touched;
  }

  /** Ends the fold after the transaction under way. */
  async pause(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }

  /**
   * Folds up to exactly one position while the fold is paused, and all writers wait: message ids of plans under way are known
   * from the live model.
   *
   * @returns false where so many events are left that it would take too long
   */
  async foldUpTo(position: number, most: number): Promise<boolean> {
    this.#ahead.begin();
    try {
      const events: readonly FoldedEvent[] | null = await foldUpTo(
        { ...this.#fold, lookAhead: (some) => this.#ahead.look(some, true) },
        position,
        most,
      );
      if (events === null) return false;
      this.#touched?.add(events);
      return true;
    } finally {
      this.#ahead.end();
    }
  }

  /** Resolves with the next thing that happens to the fold, or after so many milliseconds. */
  async next(withinMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#changed, { once: true });
    });
    signal.removeEventListener('abort', this.#changed);
    this.#changed = () => {};
  }

  async close(): Promise<void> {
    await this.pause();
    await this.database.destroy();
  }
}

/** Whether the tables that are there belong to a rebuild. */
async function isOf(database: Kysely<Tables>, id: string): Promise<boolean> {
  const { rows } = await sql<{ is_there: boolean }>`
    select to_regclass('directory_rebuild') is not null as is_there`.execute(database);
  if (rows[0]?.is_there !== true) return false;
  const found = await sql`select from directory_rebuild where id = ${id}`.execute(database);
  return found.rows.length === 1;
}
