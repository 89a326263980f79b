import type { Snapshot } from './snapshot.ts';
import type { Topic } from './topic.ts';

export interface TopicReaderOptions {
  /** Reads the statistics of one mailing. */
  readonly read: (mailingId: string) => Promise<Snapshot | null>;
  /** Readings a second that changes may lead to, of all mailings together. */
  readonly readsPerSecond: number;
  /** Between two readings of one mailing lies so much time, milliseconds. */
  readonly betweenMs: number;
  /** After so many milliseconds in which nothing was heard an open mailing is read all the same. */
  readonly lookMs: number;
  /** Told where a mailing has other statistics than before. */
  readonly onNews: (topic: Topic) => void;
  readonly onFailure: (mailingId: string, error: unknown) => void;
  readonly now: () => number;
}

/** So many are read at once: as many questions as two statistics services answer without a queue. */
const MOST_AT_ONCE = 4;
/** What could not be read is read again after this, milliseconds. */
const AGAIN_MS = 1_000;
/** A mailing that is not sent now changes seldom. */
const IDLE_FACTOR = 6;

/**
 * Reads the mailings that have changed, each once for all its streams, no faster than a budget allows: while one waits for its
 * turn any number of changes are one.
 */
export class TopicReader {
  readonly #options: TopicReaderOptions;
  readonly #stale = new Set<Topic>();
  readonly #turnMs: number;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TopicReaderOptions) {
    this.#options = options;
    this.#turnMs = 1_000 / options.readsPerSecond;
  }

  /** Has a mailing read when its turn has come. */
  add(topic: Topic): void {
    this.#stale.add(topic);
    this.#schedule();
  }

  remove(topic: Topic): void {
    this.#stale.delete(topic);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stale.clear();
  }

  /** Reads it now; whoever asks meanwhile shares the answer. @throws what the reading fails with */
  read(topic: Topic): Promise<void> {
    topic.reading ??= this.#read(topic).finally(() => {
      topic.reading = undefined;
    });
    return topic.reading;
  }

  async #read(topic: Topic): Promise<void> {
    const { read, now, betweenMs, lookMs, onNews } = this.#options;
    topic.readableAt = now() + betweenMs;
    const before = topic.snapshot;
    const snapshot = await read(topic.mailingId);
    // Once there was such a mailing it does not vanish: who answers is emptied or behind.
    if (snapshot === null && before != null) return;
    topic.snapshot = snapshot;
    const isSent = snapshot?.status === 'running' || snapshot?.status === 'paused';
    topic.lookAt = now() + (isSent ? lookMs : IDLE_FACTOR * lookMs);
    if (snapshot?.id !== before?.id || snapshot?.isOver !== before?.isOver) onNews(topic);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#turn(), this.#turnMs);
  }

  #turn(): void {
    this.#timer = undefined;
    const now = this.#options.now();
    if (this.#underWay < MOST_AT_ONCE) {
      for (const topic of this.#stale) {
        if (topic.readableAt > now || topic.reading !== undefined) continue;
        this.#stale.delete(topic);
        void this.#readAgain(topic);
        break;
      }
    }
    if (this.#stale.size > 0) this.#schedule();
  }

  async #readAgain(topic: Topic): Promise<void> {
    this.#underWay += 1;
    try {
      await this.read(topic);
    } catch (error) {
      this.#options.onFailure(topic.mailingId, error);
      topic.readableAt = this.#options.now() + AGAIN_MS;
      if (topic.attending > 0) this.add(topic);
    } finally {
      this.#underWay -= 1;
    }
  }
}
