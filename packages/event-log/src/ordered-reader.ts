import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_STREAM } from '@herald/contracts';
import { AckPolicy, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream';
import type { Msg } from 'nats';
import type { Broker } from './connection.ts';
import { leaderInfo } from './leader-info.ts';
import { loadLastMessage } from './load.ts';
import { Puller } from './puller.ts';
import type { ReadOptions } from './read-options.ts';
import { type LogRecord, readDeliveryInfo } from './record.ts';

const DEFAULT_CHUNK_RECORDS = 1_000;
const DEFAULT_CHUNK_BYTES = 8 * 1024 * 1024;
const RECREATE_MS = 250;
/** So long (milliseconds) a reading to the end waits for a record that stands there, before it asks another copy. */
const END_COMES_MS = 2_000;
const INACTIVE_NS = 60 * 1_000_000_000;

/**
 * Reads the log in order, without gaps and for ever, in chunks of what is there; waits when there is nothing. Nothing
 * is asked of the server that was not asked of the reader (back-pressure). A consumer that was lost (restart of the
 * server, lost delivery, silence) is made anew behind the last record that was read.
 *
 * On a cluster the consumer reads from one copy of the log, which may be behind: a node that catches up takes seconds to
 * minutes. What that copy takes for the end is not the end, and what it lacks it delivers twice (servers before 2.12
 * start at its own end). So the leader is asked where the end is, and a copy that ends before the start is left.
 */
export async function* readLog(broker: Broker, options: ReadOptions): AsyncGenerator<readonly LogRecord[]> {
  const reader = new OrderedReader(broker, options);
  try {
    while (!options.signal.aborted && !reader.atEnd) {
      const records = await reader.next();
      if (records.length > 0) yield records;
    }
  } finally {
    reader.close();
  }
}

class OrderedReader {
  readonly #broker: Broker;
  readonly #options: ReadOptions;
  readonly #chunkRecords: number;
  readonly #chunkBytes: number;
  readonly #inBursts: boolean;
  readonly #forget: () => void;
  #buffer: LogRecord[] = [];
  /** How many records the last request has brought. */
  #brought = 0;
  /** How many records waited behind the last one that came. */
  #pending = 0;
  /** Whether somebody waits for the next chunk. */
  #isWaiting = false;
  /** Whether somebody may wait for a record in the buffer. */
  #isHurried = false;
  #puller: Puller | undefined;
  #consumer: string | undefined;
  #nextSequence: number;
  #deliverySequence = 0;
  #broken = true;
  #readAll = false;
  /** Where the reading ends, if it does: the leader's last record of the filter; 0 where there is none. */
  #end: number | undefined;
  #wake: () => void = () => {};

  constructor(broker: Broker, options: ReadOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#chunkRecords = options.chunkRecords ?? DEFAULT_CHUNK_RECORDS;
    this.#chunkBytes = options.chunkBytes ?? DEFAULT_CHUNK_BYTES;
    this.#inBursts = options.inBursts ?? false;
    this.#nextSequence = Math.max(1, options.startSequence);
    options.signal.addEventListener('abort', this.#abort, { once: true });
    this.#forget = broker.onChange((connected) => {
      if (!connected) return;
      // A server that crashed may have lost its tail, and the end with it.
      this.#end = undefined;
      this.#lose('reconnected');
    });
  }

  readonly #abort = (): void => this.#wake();

  /** True when the end was asked for and all that stood there was handed over. */
  get atEnd(): boolean {
    return this.#readAll && this.#buffer.length === 0;
  }

  close(): void {
    this.#forget();
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#puller?.close();
    this.#puller = undefined;
    this.#dropConsumer();
  }

  /** Short readings are many: the server should not keep each one's consumer until it is found idle. */
  #dropConsumer(): void {
    const name = this.#consumer;
    this.#consumer = undefined;
    if (name === undefined || !this.#broker.isConnected()) return;
    this.#broker.manager.consumers.delete(EVENTS_STREAM, name).catch((error) => {
      // It goes by itself when nobody has asked for a minute.
      this.#options.say?.('log reader leaves its consumer behind', { error: String(error) });
    });
  }

  /** The next chunk; empty only when the signal aborted or the consumer had to be made anew. */
  async next(): Promise<readonly LogRecord[]> {
    if (this.#broken && this.#buffer.length === 0) await this.#recreate();
    if (this.#buffer.length === 0 && !this.#readAll) {
      this.#ask();
      await this.#somethingHappens();
    }
    await this.#gather();
    const records = this.#buffer;
    this.#buffer = [];
    this.#isHurried = false;
    if (!this.#mayRest) this.#ask();
    return records;
  }

  /** Nothing is asked for ahead where the reader has caught up, and may rest before it comes for more. */
  get #mayRest(): boolean {
    return this.#inBursts && this.#pending === 0;
  }

  /** Has what nobody waits for wait for more. */
  async #gather(): Promise<void> {
    const { unhurried, signal } = this.#options;
    if (unhurried === undefined || this.#buffer.length === 0) return;
    let isOver = false;
    const end = (): void => {
      isOver = true;
      this.#wake();
    };
    const timer = setTimeout(end, unhurried.forMs);
    // With no request standing nothing could come.
    const isFull = (): boolean => this.#pending > 0 || (this.#puller?.outstanding ?? 0) === 0;
    while (!(isOver || this.#isHurried || isFull() || this.#readAll || this.#broken || signal.aborted))
      await this.#somethingHappens();
    clearTimeout(timer);
  }

  async #somethingHappens(): Promise<void> {
    if (this.#options.signal.aborted || this.#broken) return;
    const isBehind = (): void => {
      this.#lose('the end does not come');
      this.#dropConsumer();
    };
    const timer = this.#end === undefined ? undefined : setTimeout(isBehind, END_COMES_MS);
    this.#isWaiting = true;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#isWaiting = false;
    clearTimeout(timer);
    this.#wake = () => {};
  }

  /** @param isAlone the next record is larger than a chunk may be, and comes alone */
  #ask(isAlone = false): void {
    if (this.#broken || this.#readAll || this.#puller === undefined || this.#options.signal.aborted) return;
    // A request may come to its end while a slow reader still holds what it brought; it asks when it takes that.
    if (this.#puller.outstanding > 0 || this.#buffer.length > 0) return;
    this.#brought = 0;
    if (isAlone) this.#puller.request(1);
    else this.#puller.request(this.#chunkRecords, this.#chunkBytes, this.#inBursts);
  }

  /** A request has come to its end. */
  #asked(isTooLarge: boolean): void {
    if (this.#buffer.length > 0) this.#wake();
    if (this.#mayRest && !this.#isWaiting) return;
    // Of a request that has brought something only the rest was too small.
    this.#ask(isTooLarge && this.#brought === 0);
  }

  #lose(reason: string): void {
    if (this.#broken) return;
    this.#options.say?.('log reader makes its consumer anew', { reason, filter: this.#options.filter });
    this.#broken = true;
    this.#wake();
  }

  async #recreate(): Promise<void> {
    this.#puller?.close();
    this.#puller = undefined;
    try {
      if (this.#options.stopAtEnd === true) this.#end ??= await this.#findEnd();
      this.#noteEnd(this.#nextSequence - 1);
      if (this.#readAll) return;
      const consumer = await this.#broker.manager.consumers.add(EVENTS_STREAM, {
        ack_policy: AckPolicy.None,
        replay_policy: ReplayPolicy.Instant,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.#nextSequence,
        filter_subject: this.#options.filter,
        inactive_threshold: INACTIVE_NS,
        mem_storage: true,
        num_replicas: 1,
      });
      this.#consumer = consumer.name;
      const startsAt = consumer.delivered.stream_seq + 1;
      if (startsAt < this.#nextSequence && (await this.#isStored(this.#nextSequence - 1))) {
        this.#dropConsumer();
        throw new Error(
          `its copy of the log ends before ${startsAt}, and ${this.#nextSequence} is to be read`,
        );
      }
      if (this.#options.stopAtEnd === true && this.#end === undefined) {
        // The connection was another one meanwhile: where the end is must be asked again.
        this.#dropConsumer();
        return;
      }
      this.#deliverySequence = 0;
      this.#broken = false;
      this.#options.onPending?.(consumer.num_pending);
      this.#puller = new Puller(this.#broker, EVENTS_STREAM, consumer.name, {
        message: (message) => this.#received(message),
        idle: (isTooLarge) => this.#asked(isTooLarge),
        lost: (reason) => this.#lose(reason),
      });
      this.#ask();
    } catch (error) {
      this.#options.say?.('log reader cannot make its consumer', { error: String(error) });
      // Ends with the signal, which is no error.
      await sleep(RECREATE_MS, undefined, { signal: this.#options.signal }).catch(() => {});
    }
  }

  #received(message: Msg): void {
    if (this.#broken) return;
    const info = readDeliveryInfo(message.reply ?? '');
    if (info.deliverySequence !== this.#deliverySequence + 1) {
      this.#lose(`delivery ${info.deliverySequence} after ${this.#deliverySequence}`);
      return;
    }
    this.#deliverySequence = info.deliverySequence;
    this.#nextSequence = info.sequence + 1;
    this.#brought += 1;
    this.#pending = info.pending;
    if (this.#options.unhurried?.isOne(message.subject) !== true) this.#isHurried = true;
    this.#buffer.push({
      subject: message.subject,
      sequence: info.sequence,
      storedAt: info.storedAt,
      pending: info.pending,
      text: message.string(),
    });
    this.#noteEnd(info.sequence);
    this.#wake();
  }

  #noteEnd(sequence: number): void {
    if (this.#end !== undefined && sequence >= this.#end) this.#readAll = true;
  }

  async #findEnd(): Promise<number> {
    return (await loadLastMessage(this.#broker, EVENTS_STREAM, this.#options.filter))?.seq ?? 0;
  }

  /** Whether the leader has a position. If not, a tail of the log was lost, and what is there now is new. */
  async #isStored(sequence: number): Promise<boolean> {
    const { state } = await leaderInfo(this.#broker, EVENTS_STREAM);
    return state.last_seq >= sequence;
  }
}
