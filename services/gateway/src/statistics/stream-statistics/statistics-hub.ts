import { allStatsChanges, mailingOfStatsChange } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import { Gauge, type Registry } from 'prom-client';
import { Allowance } from '../../http/allowance.ts';
import type { StreamLimits } from '../../http/limits.ts';
import type { EventStream } from './event-stream.ts';
import type { Snapshot } from './snapshot.ts';
import { Topic } from './topic.ts';
import { TopicReader } from './topic-reader.ts';
import { WritePump } from './write-pump.ts';

export interface StatisticsHubOptions {
  readonly broker: Broker;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly limits: StreamLimits;
  readonly read: (mailingId: string) => Promise<Snapshot | null>;
  readonly now: () => number;
}

/** How often streams are looked through for what is due by the clock, milliseconds. */
const SWEEP_MS = 1_000;

/**
 * Everything that the streams of this gateway share: one subscription to what changes while there is a stream, one reading of a
 * mailing for all that watch it, one budget of writes. A mailing is known while somebody attends to it.
 */
export class StatisticsHub {
  readonly room: Allowance;
  readonly #options: StatisticsHubOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #reader: TopicReader;
  readonly #pump: WritePump;
  #isOpen = true;
  #stopListening: (() => void) | undefined;

  constructor(options: StatisticsHubOptions) {
    const { limits, read, now, log, metrics } = options;
    this.#options = options;
    this.#pump = new WritePump(limits.budget);
    this.#reader = new TopicReader({
      read,
      readsPerSecond: limits.readsPerSecond,
      betweenMs: limits.betweenMs,
      lookMs: limits.lookMs,
      onNews: (topic) => this.#wake(topic),
      onFailure: (mailingId, error) => log.debug({ err: error, mailingId }, 'streams wait for statistics'),
      now,
    });
    const room = new Allowance(limits.atOnce);
    this.room = room;
    new Gauge({
      name: 'herald_http_event_streams',
      help: 'Streams of events that are open.',
      registers: [metrics],
      collect() {
        this.set(room.used);
      },
    });
  }

  /** Whether streams may still be opened. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Begins to attend to a mailing, and reads it unless it is known. To be ended by {@link leave}, also where this fails.
   *
   * @throws what the reading fails with
   */
  async attend(mailingId: string): Promise<Topic> {
    const topic = this.#topics.get(mailingId) ?? new Topic(mailingId);
    this.#topics.set(mailingId, topic);
    topic.attending += 1;
    // Before the reading: what changes behind it is heard.
    this.#stopListening ??= this.#listen();
    try {
      if (topic.snapshot == null) await this.#reader.read(topic);
      return topic;
    } catch (error) {
      this.leave(topic);
      throw error;
    }
  }

  leave(topic: Topic): void {
    topic.attending -= 1;
    if (topic.attending > 0) return;
    this.#topics.delete(topic.mailingId);
    this.#reader.remove(topic);
    if (this.#topics.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  /** From now on the stream is written to. To be ended by {@link remove}. */
  add(topic: Topic, stream: EventStream): void {
    topic.streams.add(stream);
    this.#pump.add(stream);
  }

  remove(topic: Topic, stream: EventStream): void {
    topic.streams.delete(stream);
    this.#pump.remove(stream);
  }

  /** The stream may have something to write. */
  wake(stream: EventStream): void {
    if (this.#isOpen) this.#pump.add(stream);
  }

  /** Ends all streams. */
  close(): void {
    this.#isOpen = false;
    this.#reader.stop();
    this.#pump.stop();
    this.#stopListening?.();
    this.#stopListening = undefined;
    for (const { streams } of this.#topics.values()) for (const stream of streams) stream.end();
  }

  #wake(topic: Topic): void {
    for (const stream of topic.streams) this.wake(stream);
  }

  #listen(): () => void {
    const subscription = this.#options.broker.connection.subscribe(allStatsChanges, {
      callback: (error, message) => {
        // The server refused the subscription: what is looked at now and then must do.
        if (error !== null) return;
        const topic = this.#topics.get(mailingOfStatsChange(message.subject));
        if (topic !== undefined) this.#reader.add(topic);
      },
    });
    const sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
    return () => {
      clearInterval(sweeping);
      subscription.unsubscribe();
    };
  }

  #sweep(): void {
    const now = this.#options.now();
    for (const topic of this.#topics.values()) {
      if (topic.lookAt <= now) this.#reader.add(topic);
      for (const stream of topic.streams) {
        if (stream.isWorn) stream.end();
        else if (stream.isDue) this.wake(stream);
      }
    }
  }
}
