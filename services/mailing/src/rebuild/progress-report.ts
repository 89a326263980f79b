import type { DirectoryRebuild } from '@herald/contracts';
import type { Dependencies } from '../dependencies.ts';
import { Rate } from './rate.ts';
import { saveProgress } from './rebuild-record.ts';
import type { ShadowModel } from './shadow-model.ts';

/** How often it is said how far a rebuild is, milliseconds. */
const EVERY_MS = 1_000;

/** Says in the database how far a rebuild is, for whoever asks and whatever instance is asked. */
export class ProgressReport {
  readonly #dependencies: Dependencies;
  readonly #shadow: ShadowModel;
  readonly #id: string;
  readonly #rate = new Rate();
  #state: DirectoryRebuild['state'] = 'folding';
  #perSecond: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #gone: (error: Error) => void = () => {};

  constructor(dependencies: Dependencies, shadow: ShadowModel, id: string) {
    this.#dependencies = dependencies;
    this.#shadow = shadow;
    this.#id = id;
  }

  /** @param gone told when the rebuild is not wanted any more: its record was lost with the whole schema */
  start(gone: (error: Error) => void): void {
    this.#gone = gone;
    this.#timer ??= setInterval(() => this.#say(), EVERY_MS);
  }

  enter(state: DirectoryRebuild['state']): void {
    this.#state = state;
    this.#say();
  }

  /** Says nothing any more until it is started again; what is being said is said to its end. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#saving;
  }

  #say(): void {
    // One after another: an answer that comes late must not tell less than one before it.
    this.#saving = this.#saving
      .then(() => this.#save())
      .catch((error) => {
        this.#dependencies.runtime.log.debug({ err: error }, 'it cannot be said how far the rebuild is');
      });
  }

  async #save(): Promise<void> {
    const events = await this.#shadow.countEvents();
    const { state } = this.#shadow;
    const behind = state?.kind === 'folding' ? state.behind : 0;
    if (this.#state === 'folding') this.#perSecond = this.#rate.sample(events, performance.now());
    const isThere = await saveProgress(this.#dependencies.database, this.#id, {
      state: this.#state,
      events,
      total: events + behind,
      perSecond: this.#perSecond,
      error: state?.kind === 'halted' ? state.reason : null,
    });
    if (!isThere) this.#gone(new Error('the rebuild is gone with the schema'));
  }
}
