import { parseEvent } from '@herald/contracts';
import type { Work } from '@herald/event-log';
import { unwantedMs } from '../batch/back-off.ts';
import { Batch } from '../batch/batch.ts';
import type { BatchTools } from '../batch/batch-tools.ts';
import { runBatch } from '../batch/run-batch.ts';
import type { Lane } from './lane.ts';

/** What nobody here can read is looked at again after so long (milliseconds): a newer release may be able to. */
const UNREADABLE_MS = 60_000;

export interface HandsOptions {
  readonly tools: BatchTools;
  /** A batch can be called for, or has left the hands. */
  readonly onReady: () => void;
  readonly onLeft: (lane: Lane) => void;
}

/** The batches that this process works on. */
export class Hands {
  readonly #options: HandsOptions;
  readonly #runs = new Map<Batch, Promise<void>>();
  #stopping = false;

  constructor(options: HandsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runs.size;
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return this.#runs.keys();
  }

  /** Takes a delivery in, or gives it back where it cannot be worked on. */
  take(lane: Lane, work: Work): void {
    const { tools, onReady, onLeft } = this.#options;
    const queued = this.#read(work);
    if (queued === null || this.#stopping) {
      work.giveBack(queued === null ? UNREADABLE_MS : 0);
      return;
    }
    if (lane.has(queued.data.batch)) {
      // Delivered again while its calls are still under way here: whoever is next must find their outcomes.
      work.giveBack(unwantedMs(tools.random()));
      return;
    }
    const batch = new Batch(tools, work, queued);
    lane.add(batch);
    const run = runBatch(tools, batch, onReady).then(() => {
      lane.remove(batch);
      this.#runs.delete(batch);
      onLeft(lane);
    });
    this.#runs.set(batch, run);
  }

  /** Begins nothing more in what is in hand: the calls under way are recorded, the rest goes to somebody else. */
  giveBack(): void {
    for (const batch of this.#runs.keys()) batch.halt('returned');
  }

  loseLeases(): void {
    for (const batch of this.#runs.keys()) batch.loseLease();
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
    for (const batch of this.#runs.keys()) batch.abortCalls('the sender stops');
    await this.#empty(500);
  }

  async #empty(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([Promise.all(this.#runs.values()), timeout]);
    clearTimeout(timer);
  }

  #read(work: Work): Batch['queued'] | null {
    const { log } = this.#options.tools;
    try {
      const event = parseEvent(work.text);
      if (event.type === 'MessagesQueued') return event;
      log.error({ sequence: work.sequence, type: event.type }, 'not a batch');
    } catch (error) {
      log.error({ err: error, sequence: work.sequence }, 'a batch cannot be read');
    }
    return null;
  }
}
