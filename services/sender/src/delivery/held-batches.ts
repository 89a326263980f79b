import { parseEvent } from '@herald/contracts';
import type { Work } from '@herald/event-log';
import { unwantedMs } from '../back-off.ts';
import { Batch } from '../batch/batch.ts';
import type { BatchDependencies } from '../batch/batch-dependencies.ts';
import { isFinal } from '../batch/batch-state.ts';
import type { MailingQueue } from '../intake/mailing-queue.ts';
import { TriedBatches } from './tried-batches.ts';

/** What nobody here can read is looked at again after so long (milliseconds): a newer release may be able to. */
const UNREADABLE_MS = 60_000;

export interface HeldBatchesOptions {
  readonly tools: BatchDependencies;
  /** A batch can be called for, or is held no more. */
  readonly onReady: () => void;
  readonly onLeft: (queue: MailingQueue) => void;
}

/** The batches that this process works on. */
export class HeldBatches {
  readonly #options: HeldBatchesOptions;
  readonly #batches = new Set<Batch>();
  readonly #tried = new TriedBatches();
  #stopping = false;
  #onEmpty: () => void = () => {};

  constructor(options: HeldBatchesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#batches.size;
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return this.#batches.values();
  }

  /** Takes a delivery in, or gives it back where it cannot be worked on. */
  take(queue: MailingQueue, work: Work): void {
    const { tools, onLeft } = this.#options;
    const queued = this.#read(work);
    if (queued === null || this.#stopping) {
      work.giveBack(queued === null ? UNREADABLE_MS : 0);
      onLeft(queue);
      return;
    }
    if (queue.has(queued.data.batch)) {
      // Delivered again while its calls are still under way here: whoever is next must find their outcomes.
      work.giveBack(unwantedMs(tools.random()));
      onLeft(queue);
      return;
    }
    if (!this.#mayTry(work)) {
      work.giveBack(unwantedMs(tools.random()));
      onLeft(queue);
      return;
    }
    const batch = new Batch(tools, work, queued, (changed) => this.#changed(queue, changed));
    queue.add(batch);
    this.#batches.add(batch);
    batch.tell({ kind: 'delivered' });
  }

  /** Begins nothing more in what is in hand: the calls under way are recorded, the rest goes to somebody else. */
  giveBack(): void {
    for (const batch of this.#batches) batch.tell({ kind: 'stop' });
  }

  /** The connection was lost, or is back: from here on nobody knows what the server makes of our deliveries. */
  loseLeases(): void {
    for (const batch of this.#batches) batch.loseLease();
  }

  /**
   * Begins nothing any more, lets the calls under way end and be recorded, and gives everything else back at once.
   *
   * @param withinMs calls that take longer are broken off; half a second more is left to record that
   */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.giveBack();
    await this.#empty(withinMs);
    for (const batch of this.#batches) batch.abortCalls('the sender stops');
    await this.#empty(500);
  }

  /** False where the token is on trial, and another batch is to try it. */
  #mayTry({ sequence }: Work): boolean {
    if (this.#options.tools.provider.tokenRejected) return this.#tried.mayTry(sequence);
    this.#tried.forget();
    return true;
  }

  #changed(queue: MailingQueue, batch: Batch): void {
    const { tools, onReady, onLeft } = this.#options;
    const { mailingId, number, state } = batch;
    if (state.kind === 'sending') onReady();
    if (!isFinal(state)) return;
    if (state.kind === 'abandoned') tools.log.warn({ mailingId, batch: number }, 'a batch was let go');
    queue.remove(batch);
    this.#batches.delete(batch);
    if (this.#batches.size === 0) this.#onEmpty();
    onLeft(queue);
  }

  async #empty(withinMs: number): Promise<void> {
    if (this.#batches.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const stopTimer = this.#options.tools.clock.after(withinMs, resolve);
    await promise;
    stopTimer();
  }

  #read(work: Work): Batch['queued'] | null {
    const { log, metrics } = this.#options.tools;
    try {
      const event = parseEvent(work.text);
      if (event.type === 'MessagesQueued') return event;
      log.error({ sequence: work.sequence, type: event.type }, 'not a batch');
    } catch (error) {
      log.error({ err: error, sequence: work.sequence }, 'a batch cannot be read');
    }
    metrics.batchBroke();
    return null;
  }
}
