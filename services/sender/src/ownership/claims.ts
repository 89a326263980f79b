import { claimSubjects } from '@herald/contracts';
import {
  type LogWriter,
  type RecordStore,
  RecordsFullError,
  RecordsUnavailableError,
  type SharedText,
} from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { BrokerState } from '../broker-state.ts';
import { passed, type SteadyClock } from '../steady-clock.ts';

export interface ClaimsOptions {
  readonly broker: BrokerState;
  readonly store: ClaimStore;
  readonly writer: Pick<LogWriter, 'publish'>;
  readonly log: Pick<Logger, 'debug'>;
  /** Names this process, and no other at any time. */
  readonly owner: string;
  /** A claim that was not renewed for so long is nobody's any more, milliseconds. */
  readonly heldForMs: number;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: SteadyClock;
  /** False while nobody knows whether that clock is right: then nothing of others is taken over. */
  readonly isClockRight: () => boolean;
}

/** Where claims stand. */
export type ClaimStore = Pick<RecordStore, 'read' | 'replace' | 'put'>;

interface ClaimMessage {
  readonly owner: string;
  /** True while the batch is worked on. */
  readonly held: boolean;
  /** Numbers the takes of one owner; claims of older releases have none. */
  readonly take?: number;
}

/** The batch is somebody else's: known for certain, where a lost lease only means that nobody answered. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

/** A claim that may stand although its answer was lost is looked for again after so long, milliseconds. */
const LOOK_AGAIN_MS = 500;

/** Everybody else who was cut off together with us is back by then, milliseconds. */
const ALL_BACK_MS = 5_000;

/**
 * Whether a claim of somebody else is nobody's any more. After the broker was away nobody could renew; who is back a
 * moment later has the outcomes of its calls ready, and must get the time to record them, or they would be repeated.
 *
 * @param ageMs since it was renewed last
 * @param connectedMs since our own connection stands
 * @param heldForMs how long a claim holds without a renewal
 */
export const isDeserted = (ageMs: number, connectedMs: number, heldForMs: number): boolean =>
  ageMs >= heldForMs && connectedMs >= Math.min(ALL_BACK_MS, heldForMs / 2);

/**
 * Who works on which batch, agreed on in a stream by compare-and-set. The consumer that hands the batches out cannot
 * be trusted with that: after a crash it may have forgotten what it had delivered to whom, and deliver everything
 * again as new, while those who hold it go on working (docs/adr/0021-claims.md).
 */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #store: ClaimStore;
  readonly #underWay = new Set<Promise<unknown>>();
  #connectedAt: number;
  #takes = 0;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#store = options.store;
    const { now } = options.clock;
    this.#connectedAt = now();
    options.broker.onChange((connected) => {
      if (connected) this.#connectedAt = now();
    });
  }

  /**
   * Takes a batch that nobody holds. Most are taken for the first time, so that is tried first: one request where the
   * subject is empty, three where something stands there.
   *
   * @returns `null` when somebody else holds it
   * @throws RecordsUnavailableError; a claim that may stand all the same is let go as soon as the broker answers
   */
  async take(mailingId: string, batch: number): Promise<Claim | null> {
    return this.follow(this.#take(claimSubjects.batch(mailingId, batch)));
  }

  /**
   * Has {@link settled} wait for this too.
   *
   * @returns the same
   */
  follow<Result>(work: Promise<Result>): Promise<Result> {
    const over = (): void => {
      this.#underWay.delete(work);
    };
    this.#underWay.add(work);
    work.then(over, over);
    return work;
  }

  /** Resolves when every claim that was being taken is held or let go, and every release has been heard; never rejects. */
  async settled(): Promise<void> {
    // What ends may begin something: a claim that was taken after all is released.
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #take(subject: string): Promise<Claim | null> {
    this.#takes += 1;
    const claim: ClaimMessage = { owner: this.#options.owner, held: true, take: this.#takes };
    try {
      const text = textOf(claim);
      const first = await this.#store.replace(subject, text, 0);
      const sequence = first ?? (await this.#takeOver(subject, text));
      if (sequence === null) return null;
      const follow = (work: Promise<unknown>): void => void this.follow(work);
      return new Claim({ ...this.#options, follow }, subject, claim, sequence, first !== null);
    } catch (error) {
      // Where there was no room nothing was stored.
      if (error instanceof RecordsUnavailableError && !(error instanceof RecordsFullError))
        void this.follow(this.#letGo(subject, claim));
      throw error;
    }
  }

  async #takeOver(subject: string, text: string): Promise<number | null> {
    const last = await this.#store.read(subject);
    if (last !== null && !this.#isFree(last)) return null;
    return this.#store.replace(subject, text, last?.sequence ?? 0);
  }

  #isFree(last: SharedText): boolean {
    const { owner, heldForMs, now, clock, isClockRight } = this.#options;
    const claim = readClaim(last);
    if (!claim.held || claim.owner === owner) return true;
    const connectedMs = clock.now() - this.#connectedAt;
    if (!isClockRight() || !isDeserted(now() - last.storedAt, connectedMs, heldForMs)) return false;
    if (this.#options.broker.fullStreams.list().length === 0) return true;
    // Nobody could renew, and whoever holds it may have outcomes that wait for room: they must come first.
    this.#store.put(claimSubjects.room, '{}').catch(() => {});
    return false;
  }

  /** Nobody knows of this claim but the stream: others would wait until its time is over. */
  async #letGo(subject: string, claim: ClaimMessage): Promise<void> {
    const { broker, heldForMs, clock } = this.#options;
    const until = clock.now() + heldForMs;
    while (clock.now() < until && !broker.connection.isClosed()) {
      try {
        const last = await this.#store.read(subject);
        if (last?.text === textOf(claim)) await this.#store.replace(subject, releaseOf(claim), last.sequence);
        return;
      } catch {
        await passed(clock, LOOK_AGAIN_MS);
      }
    }
  }
}

/** @param follow told of every release */
type ClaimOptions = ClaimsOptions & { readonly follow: (work: Promise<unknown>) => void };

/** One batch that is ours as long as this is renewed. */
export class Claim {
  readonly #options: ClaimOptions;
  readonly #store: ClaimStore;
  readonly #subject: string;
  readonly #message: ClaimMessage;
  /** Nothing stood there before: nobody has claimed the batch within the last hour. */
  readonly isFirst: boolean;
  #sequence: number;
  #renewing: Promise<void> | null = null;

  constructor(
    options: ClaimOptions,
    subject: string,
    message: ClaimMessage,
    sequence: number,
    isFirst: boolean,
  ) {
    this.#options = options;
    this.#store = options.store;
    this.#subject = subject;
    this.#message = message;
    this.#sequence = sequence;
    this.isFirst = isFirst;
  }

  /**
   * Holds it for another while; one at a time.
   *
   * @throws ClaimLostError when it is somebody else's; RecordsUnavailableError when nobody answers in time
   */
  async renew(timeoutMs: number): Promise<void> {
    this.#renewing = this.#renew(timeoutMs);
    try {
      await this.#renewing;
    } finally {
      this.#renewing = null;
    }
  }

  async #renew(timeoutMs: number): Promise<void> {
    const text = textOf(this.#message);
    let sequence = await this.#store.replace(this.#subject, text, this.#sequence, timeoutMs);
    if (sequence === null) {
      const last = await this.#store.read(this.#subject);
      // Nothing there: the stream was made again, and whoever writes first has the batch.
      if (last === null) sequence = await this.#store.replace(this.#subject, text, 0, timeoutMs);
      // Our own: an earlier renewal whose acknowledgement was lost.
      else if (readClaim(last).owner === this.#options.owner) sequence = last.sequence;
    }
    if (sequence === null) throw new ClaimLostError(this.#subject);
    this.#sequence = sequence;
  }

  /** Lets others have it at once. Does nothing where it is somebody else's already. */
  release(): void {
    // Beside a renewal under way it would name a sequence that is not the last any more.
    const renewed = this.#renewing?.catch(() => {}) ?? null;
    const released = renewed === null ? this.#release() : renewed.then(() => this.#release());
    this.#options.follow(released);
  }

  /** Never rejects. */
  async #release(): Promise<void> {
    const { writer, log } = this.#options;
    const text = releaseOf(this.#message);
    try {
      const options = { expectedLastSequence: this.#sequence };
      const { kind } = await writer.publish(this.#subject, text, options);
      if (kind === 'stored') return;
      // Somebody else's, or our own renewal that landed and was not acknowledged.
      const last = await this.#store.read(this.#subject);
      if (last?.text === textOf(this.#message)) await this.#store.replace(this.#subject, text, last.sequence);
    } catch (error) {
      // Others have it when it is not renewed any more.
      log.debug({ err: error, subject: this.#subject }, 'a claim could not be released');
    }
  }
}

const readClaim = ({ text }: SharedText): ClaimMessage => JSON.parse(text);

const textOf = (message: ClaimMessage): string => JSON.stringify(message);

const releaseOf = (claim: ClaimMessage): string => textOf({ ...claim, held: false });
