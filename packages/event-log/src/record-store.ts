import { setTimeout as pause } from 'node:timers/promises';
import { CLAIMS_STREAM, COORDINATION_STREAM } from '@herald/contracts';
import { type Msg, RequestError } from 'nats';
import type { Broker } from './connection.ts';
import { inProcessPauseMs, makeHeaders, type PublishOptions, readAnswer } from './publish-protocol.ts';
import { ensureClaims, ensureCoordination, type TopologyOptions } from './topology.ts';

/** What stands on a subject of the stream. */
export interface SharedText {
  readonly sequence: number;
  readonly text: string;
  /** When the server stored it, by its clock, milliseconds since 1970, with a fraction. */
  readonly storedAt: number;
}

/** Nobody can say now what stands there, or whether a record was replaced. */
export class RecordsUnavailableError extends Error {
  override readonly name = 'RecordsUnavailableError';
}

/** The stream has no room: the record was not replaced. */
export class RecordsFullError extends RecordsUnavailableError {}

const NO_MESSAGE_FOUND = 10_037;
const STREAM_NOT_FOUND = 10_059;

interface ReadAnswer {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
  readonly message?: { readonly seq: number; readonly data?: string; readonly time: string };
}

interface StoreOptions {
  readonly broker: Broker;
  readonly stream: string;
  /** Makes the stream where it is missing; true where it was. */
  readonly ensure: () => Promise<boolean>;
  /** How long an answer may take where the caller does not say, milliseconds. */
  readonly answerMs: number;
}

/** What processes agree on from one moment to the next: in memory, and whoever shares by the tenth of a second has no use for an old answer. */
export const openCoordination = (broker: Broker, options: TopologyOptions): RecordStore =>
  new RecordStore({
    broker,
    stream: COORDINATION_STREAM,
    ensure: () => ensureCoordination(broker, options),
    answerMs: 1_000,
  });

/** Who works on which batch: in files, and worth waiting for. */
export const openClaims = (broker: Broker, options: TopologyOptions): RecordStore =>
  new RecordStore({
    broker,
    stream: CLAIMS_STREAM,
    ensure: () => ensureClaims(broker, options),
    answerMs: 5_000,
  });

/** After a time-out the caller waits no longer than this for the look whether the stream is there, milliseconds. */
const LOOK_MS = 250;

/**
 * Records that several processes replace by compare-and-set: each is the last message of its subject in a small stream
 * that keeps no other. What was not answered in time is not repeated here: nobody knows whether it was stored, and the
 * caller does without. What was definitely not stored, because another one was in process, is repeated within that time.
 * Measured in memory: 0.25 ms an append, 0.3 ms a read, servers 2.9.10 to 2.15.
 *
 * A stream that is gone is made again, empty, and asked once more. The server says at once that nobody listens on its
 * subjects, unless somebody does: a subscription to `>` takes the request, and no answer comes. So every time-out has a
 * look at the stream, too.
 */
export class RecordStore {
  readonly #options: StoreOptions;
  #making: Promise<boolean> | undefined;
  /** When the stream was made here last. */
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /**
   * What stands on a subject, as the stream's leader knows it; `null` when nothing does.
   *
   * @throws RecordsUnavailableError
   */
  async read(subject: string): Promise<SharedText | null> {
    let { error, message: found } = await this.#read(subject);
    if (error?.err_code === STREAM_NOT_FOUND) {
      await this.#make();
      ({ error, message: found } = await this.#read(subject));
    }
    if (error?.err_code === NO_MESSAGE_FOUND) return null;
    if (found === undefined) {
      throw new RecordsUnavailableError(
        `${subject}: ${error?.code ?? 'no'} ${error?.description ?? 'answer'}`,
      );
    }
    return {
      sequence: found.seq,
      text: Buffer.from(found.data ?? '', 'base64').toString(),
      storedAt: millisecondsOf(found.time),
    };
  }

  /**
   * Replaces what stands on a subject, if it is still what the caller has read (0: nothing).
   *
   * @param answerMs how long the answer may take, milliseconds
   * @returns the new sequence, or `null` when somebody else was first
   * @throws RecordsUnavailableError: it may have been replaced or not
   */
  async replace(
    subject: string,
    text: string,
    expectedLastSequence: number,
    answerMs = this.#options.answerMs,
  ): Promise<number | null> {
    return this.#store(subject, text, { expectedLastSequence }, answerMs);
  }

  /**
   * Stores something on a subject, whatever stands there.
   *
   * @throws RecordsUnavailableError
   */
  async put(subject: string, text: string): Promise<number> {
    const sequence = await this.#store(subject, text, {}, this.#options.answerMs);
    if (sequence === null) throw new RecordsUnavailableError(`${subject}: stored only under a condition`);
    return sequence;
  }

  async #store(
    subject: string,
    text: string,
    bound: PublishOptions,
    answerMs: number,
  ): Promise<number | null> {
    const { fullStreams } = this.#options.broker;
    const endsAt = performance.now() + answerMs;
    for (;;) {
      const answer = readAnswer(await this.#ask(subject, text, bound, endsAt - performance.now()));
      switch (answer.kind) {
        case 'stored':
          fullStreams.stored(answer.stream);
          return answer.sequence;
        case 'conflict':
          return null;
        case 'in-process': {
          const pauseMs = inProcessPauseMs(Math.random());
          if (performance.now() + pauseMs >= endsAt) {
            throw new RecordsUnavailableError(`${subject} is being replaced by others all the time`);
          }
          await pause(pauseMs);
          break;
        }
        case 'busy':
          throw new RecordsUnavailableError(`${subject} cannot be taken now`);
        case 'full':
          fullStreams.refused(answer.stream, answer.reason);
          throw new RecordsFullError(`${subject}: ${answer.reason}`);
        case 'refused':
          throw new RecordsUnavailableError(`${subject}: ${answer.reason}`);
        default:
          return answer satisfies never;
      }
    }
  }

  async #read(subject: string): Promise<ReadAnswer> {
    const { stream, answerMs } = this.#options;
    const question = JSON.stringify({ last_by_subj: subject });
    const message = await this.#ask(`$JS.API.STREAM.MSG.GET.${stream}`, question, {}, answerMs);
    return JSON.parse(message.string());
  }

  async #ask(subject: string, payload: string, bound: PublishOptions, answerMs: number): Promise<Msg> {
    const headers = makeHeaders(bound);
    const options = { timeout: answerMs, ...(headers === undefined ? {} : { headers }) };
    const { connection } = this.#options.broker;
    const sentAt = performance.now();
    try {
      return await connection.request(subject, payload, options).catch(async (error: unknown) => {
        if (!(await this.#madeStreamSince(sentAt, error))) throw error;
        return connection.request(subject, payload, options);
      });
    } catch (error) {
      throw new RecordsUnavailableError(`${subject} is not answered`, { cause: error });
    }
  }

  /** True where the request can have been stored nowhere, and may be by now. */
  async #madeStreamSince(sentAt: number, error: unknown): Promise<boolean> {
    // A single server that restarts forgets what was in memory.
    if (error instanceof RequestError && error.isNoResponders()) {
      await this.#make();
      return true;
    }
    const made = await Promise.race([this.#make(), pause(LOOK_MS, false, { ref: false })]);
    // Another request may have found the stream gone, and have made it while this one waited for its answer.
    return made || this.#madeAt > sentAt;
  }

  /** Several that find the stream gone at once make it once; true where it was gone and is there again. */
  #make(): Promise<boolean> {
    const { broker, ensure } = this.#options;
    if (!broker.isConnected()) return Promise.resolve(false);
    this.#making ??= ensure()
      .then((made) => {
        if (made) this.#madeAt = performance.now();
        return made;
      })
      .catch(() => false)
      .finally(() => {
        this.#making = undefined;
      });
    return this.#making;
  }
}

/** The server writes nanoseconds, of which `Date` reads three digits. */
function millisecondsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  const seconds = Date.parse(time.replace(/\.\d+/, ''));
  return seconds + Number(`0.${fraction}`) * 1_000;
}
