import { GENERATIONS_CHANGED_SUBJECT } from '@herald/contracts';
import { type Fold, type FoldedEvent, foldHealth } from '@herald/postgres';
import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import { announceChanges } from '../fold/announce-changes.ts';
import { InvariantCheck, InvariantViolations } from '../fold/invariant-check.ts';
import { type Lanes, startLanes } from '../fold/lanes.ts';
import { type Job, runningJob } from '../rebuild/job.ts';
import { type Generation, GenerationDroppedError, type Origin, openGeneration } from './generation.ts';
import { type PointerTables, readPointer, settlePointer } from './pointer.ts';

/** How often it is looked which generations are to be folded, milliseconds: a message of the broker may be lost. */
const LOOK_MS = 5_000;

export interface GenerationsOptions {
  readonly runtime: Runtime;
  /** What is asked is read through it. */
  readonly database: Kysely<PointerTables>;
  readonly databaseUrl: string;
  /** Lanes of a generation that is made where none is there. */
  readonly lanes: number;
  /** Connections for the folds of one generation. */
  readonly connections: number;
}

interface Running {
  readonly generation: Generation;
  readonly lanes: Lanes;
  readonly invariant: InvariantCheck;
}

/** A generation that this instance is to fold. */
interface Wanted {
  readonly number: number;
  readonly lanes: number;
  readonly origin: Origin;
}

/** What was made to compare is left before it is dropped. */
const isFolded = (job: Job): boolean => job.state !== 'cleaning';

const NO_LANES: Lanes = new Map<number, Fold>();

/**
 * Folds the generations that are wanted: the one that is served, and the one that a job is about. Each instance looks for
 * itself, whenever something is said to have changed and every few seconds.
 */
export class Generations {
  readonly #options: GenerationsOptions;
  readonly #violations: InvariantViolations;
  readonly #running = new Map<number, Running>();
  readonly #listeners = new Set<(job: Job | null) => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #forget: () => void;
  #served: number | null = null;
  #job: Job | null = null;
  #looking: Promise<void> = Promise.resolve();
  /** The look that has not begun yet: whoever asks for one meanwhile means this one. */
  #next: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: GenerationsOptions) {
    this.#options = options;
    this.#violations = new InvariantViolations(options.runtime.metrics);
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
    const subscription = options.runtime.broker.connection.subscribe(GENERATIONS_CHANGED_SUBJECT, {
      callback: (error) => {
        if (error === null) void this.look();
      },
    });
    this.#forget = () => subscription.unsubscribe();
  }

  get served(): number | null {
    return this.#served;
  }

  /** The lanes of the generation that is served; none before it is known. */
  get servedLanes(): Lanes {
    return (this.#served === null ? undefined : this.#running.get(this.#served)?.lanes) ?? NO_LANES;
  }

  get job(): Job | null {
    return this.#job;
  }

  /** Told at each look which job is under way. Must not throw. */
  onLook(listener: (job: Job | null) => void): void {
    this.#listeners.add(listener);
  }

  /** `true` where every lane of the served generation is folded or may be by another instance, else what is wrong. */
  health(): true | string {
    if (this.#served === null) return 'it is not known yet which generation is served';
    for (const [lane, { state }] of this.servedLanes) {
      const health = foldHealth(state);
      if (health !== true) return this.servedLanes.size === 1 ? health : `lane ${lane}: ${health}`;
    }
    return true;
  }

  /** Looks now, one look after another. Trouble is logged, and the next look tries again. */
  look(): Promise<void> {
    this.#next ??= this.#looking.then(async () => {
      this.#next = undefined;
      if (this.#isStopped) return;
      try {
        await this.#settle();
      } catch (error) {
        this.#options.runtime.log.warn({ err: error }, 'the generations cannot be looked at yet');
      }
    });
    this.#looking = this.#next;
    return this.#next;
  }

  /** Tells all instances, this one too. */
  changed(): void {
    this.#options.runtime.broker.connection.publish(GENERATIONS_CHANGED_SUBJECT);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#forget();
    await this.#looking;
    await Promise.all([...this.#running.keys()].map((number) => this.#end(number)));
  }

  async #settle(): Promise<void> {
    const { database, runtime } = this.#options;
    this.#served = await settlePointer(database, (event, details) => runtime.log.warn(details, event));
    this.#job = await runningJob(database);
    const wanted = new Map<number, Wanted>([
      [this.#served, { number: this.#served, lanes: this.#options.lanes, origin: 'start' }],
    ]);
    if (this.#job !== null && isFolded(this.#job) && !wanted.has(this.#job.generation)) {
      const { generation, lanes, kind } = this.#job;
      wanted.set(generation, {
        number: generation,
        lanes,
        origin: kind === 'verify' ? 'verify' : 'rebuild',
      });
    }
    for (const number of [...this.#running.keys()]) if (!wanted.has(number)) await this.#end(number);
    for (const one of wanted.values()) if (!this.#running.has(one.number)) await this.#begin(one);
    for (const listener of this.#listeners) listener(this.#job);
  }

  async #begin({ number, lanes, origin }: Wanted): Promise<void> {
    const { runtime, databaseUrl, connections } = this.#options;
    const generation = await openGeneration({
      url: databaseUrl,
      number,
      lanes,
      origin,
      connections,
      name: runtime.instance,
      say: (event, details) => runtime.log.warn(details, event),
      isWanted: () => this.#isWanted(number),
    }).catch((error) => {
      if (error instanceof GenerationDroppedError) return null;
      throw error;
    });
    if (generation === null) return;
    const invariant = new InvariantCheck({
      runtime,
      database: generation.database,
      lanes: generation.lanes,
      violations: this.#violations,
    });
    const onCommitted = (events: readonly FoldedEvent[]): void => {
      // Nobody sees the one that is being made, and its mailings are compared instead of judged.
      if (this.#served !== number) return;
      invariant.committed(events);
      announceChanges(runtime.broker, events);
    };
    this.#running.set(number, {
      generation,
      invariant,
      lanes: startLanes(runtime, generation, databaseUrl, onCommitted),
    });
    runtime.log.info({ generation: number, lanes: generation.lanes }, 'folding a generation');
  }

  async #isWanted(number: number): Promise<boolean> {
    const { database } = this.#options;
    if ((await readPointer(database)) === number) return true;
    const job = await runningJob(database);
    return job !== null && isFolded(job) && job.generation === number;
  }

  async #end(number: number): Promise<void> {
    const running = this.#running.get(number);
    if (running === undefined) return;
    this.#running.delete(number);
    await Promise.all([...running.lanes.values()].map((fold) => fold.stop()));
    await running.invariant.stop();
    await running.generation.database.destroy();
    this.#options.runtime.log.info({ generation: number }, 'a generation is folded no more');
  }
}
