import type { Batch } from '../batch/batch.ts';
import type { SteadyClock } from '../steady-clock.ts';
import { aheadOf, LATEST } from './intake-policy.ts';
import type { WorkSource } from './work-source.ts';

/** What one mailing has in this process: where its work comes from, and its batches in hand. */
export class MailingQueue {
  readonly mailingId: string;
  readonly source: WorkSource;
  readonly #clock: SteadyClock;
  readonly #batches = new Set<Batch>();
  readonly #takenAt = new WeakMap<Batch, number>();
  /** How many messages each of the latest batches held. */
  readonly latestSizes: number[] = [];
  readonly #slots: number;
  /** When the latest batches were used up, by the steady clock, and how many calls had begun by then. */
  readonly #usedUp: Array<{ readonly at: number; readonly begun: number }> = [];
  #begun = 0;
  #ahead: number;

  /** @param slots calls at once of this process */
  constructor(mailingId: string, source: WorkSource, clock: SteadyClock, slots: number) {
    this.mailingId = mailingId;
    this.source = source;
    this.#clock = clock;
    this.#slots = slots;
    this.#ahead = aheadOf(0, slots);
  }

  /** With fewer messages in hand it gets its next batch; changes only where a batch is used up. */
  get ahead(): number {
    return this.#ahead;
  }

  /** A call for one of its messages has begun. */
  callBegins(): void {
    this.#begun += 1;
  }

  /** A batch has no message left whose turn has not come: the time since such moments tells how quick the mailing is. */
  usedUp(): void {
    const now = { at: this.#clock.now(), begun: this.#begun };
    const { at, begun } = this.#usedUp[0] ?? now;
    this.#usedUp.push(now);
    if (this.#usedUp.length > LATEST) this.#usedUp.shift();
    this.#ahead = aheadOf(now.at === at ? 0 : (now.begun - begun) / (now.at - at), this.#slots);
  }

  get batches(): ReadonlySet<Batch> {
    return this.#batches;
  }

  /** Messages in hand whose turn has not come. */
  get unstarted(): number {
    let sum = 0;
    for (const batch of this.#batches) sum += batch.unstarted;
    return sum;
  }

  /** Those of them whose call could begin now. */
  get startable(): number {
    let sum = 0;
    for (const batch of this.#batches) if (batch.canTakeTurn) sum += batch.unstarted;
    return sum;
  }

  /** Batches in hand that still hold such messages. */
  get batchesWaiting(): number {
    let count = 0;
    for (const batch of this.#batches) if (batch.unstarted > 0) count += 1;
    return count;
  }

  has(batchNumber: number): boolean {
    for (const batch of this.#batches) if (batch.number === batchNumber) return true;
    return false;
  }

  add(batch: Batch): void {
    this.#batches.add(batch);
    this.#takenAt.set(batch, this.#clock.now());
    this.latestSizes.push(batch.queued.data.clientIds.length);
    if (this.latestSizes.length > LATEST) this.latestSizes.shift();
  }

  /**
   * Gives back what was taken before then (by the steady clock) and still has messages whose turn has not come: whoever
   * takes it next asks anew whom they go to.
   */
  giveBackTakenBefore(moment: number): void {
    for (const batch of this.#batches) {
      const takenAt = this.#takenAt.get(batch) ?? moment;
      if (takenAt < moment && batch.canTakeTurn) batch.tell({ kind: 'stop' });
    }
  }

  remove(batch: Batch): void {
    this.#batches.delete(batch);
  }

  /** The batch whose next message comes first: the one that was claimed first. */
  get nextToStart(): Batch | undefined {
    for (const batch of this.#batches) {
      if (batch.canTakeTurn) return batch;
    }
    return undefined;
  }
}
