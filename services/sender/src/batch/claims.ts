import { claimSubjects } from '@herald/contracts';
import {
  type Broker,
  type LogWriter,
  openClaims,
  type RecordStore,
  type SharedText,
} from '@herald/event-log';
import type { Logger } from '@herald/service-kit';

export interface ClaimsOptions {
  readonly broker: Broker;
  readonly writer: LogWriter;
  readonly log: Logger;
  /** Copies of the stream, where it has to be made again. */
  readonly replicas: number;
  /** Names this process, and no other at any time. */
  readonly owner: string;
  /** A claim that was not renewed for so long is nobody's any more, milliseconds. */
  readonly heldForMs: number;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** False while nobody knows whether that clock is right: then nothing of others is taken over. */
  readonly isClockRight: () => boolean;
}

interface ClaimMessage {
  readonly owner: string;
  /** True while the batch is worked on. */
  readonly held: boolean;
}

/** The batch is somebody else's: known for certain, where a lost lease only means that nobody answered. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

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
  readonly #store: RecordStore;
  #connectedAt = performance.now();

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#store = openClaims(options.broker, options);
    options.broker.onChange((connected) => {
      if (connected) this.#connectedAt = performance.now();
    });
  }

  /**
   * Takes a batch that nobody holds.
   *
   * @returns `null` when somebody else holds it
   * @throws RecordsUnavailableError; the claim may then stand all the same, and can be taken again by the same process
   */
  async take(mailingId: string, batch: number): Promise<Claim | null> {
    const { owner, heldForMs, now, isClockRight } = this.#options;
    const subject = claimSubjects.batch(mailingId, batch);
    const last = await this.#store.read(subject);
    if (last !== null) {
      const claim = readClaim(last);
      const ageMs = now() - last.storedAt;
      const isOthers = claim.held && claim.owner !== owner;
      const connectedMs = performance.now() - this.#connectedAt;
      if (isOthers && !(isClockRight() && isDeserted(ageMs, connectedMs, heldForMs))) return null;
    }
    const sequence = await this.#store.replace(subject, messageOf(owner, true), last?.sequence ?? 0);
    return sequence === null ? null : new Claim(this.#options, this.#store, subject, sequence);
  }
}

/** One batch that is ours as long as this is renewed. */
export class Claim {
  readonly #options: ClaimsOptions;
  readonly #store: RecordStore;
  readonly #subject: string;
  #sequence: number;
  #renewing: Promise<void> | null = null;

  constructor(options: ClaimsOptions, store: RecordStore, subject: string, sequence: number) {
    this.#options = options;
    this.#store = store;
    this.#subject = subject;
    this.#sequence = sequence;
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
    const { owner } = this.#options;
    const message = messageOf(owner, true);
    const sequence = await this.#store.replace(this.#subject, message, this.#sequence, timeoutMs);
    if (sequence !== null) {
      this.#sequence = sequence;
      return;
    }
    // It may be an earlier renewal of our own whose acknowledgement was lost.
    const last = await this.#store.read(this.#subject);
    if (last === null || readClaim(last).owner !== owner) throw new ClaimLostError(this.#subject);
    this.#sequence = last.sequence;
  }

  /** Lets others have it at once. Does nothing where it is somebody else's already. */
  release(): void {
    // Beside a renewal under way it would name a sequence that is not the last any more.
    if (this.#renewing === null) this.#release();
    else {
      const release = (): void => this.#release();
      this.#renewing.then(release, release);
    }
  }

  #release(): void {
    const { writer, owner, log } = this.#options;
    const options = { expectedLastSequence: this.#sequence };
    writer.publish(this.#subject, messageOf(owner, false), options).catch((error: unknown) => {
      // Others have it when it is not renewed any more.
      log.debug({ err: error, subject: this.#subject }, 'a claim could not be released');
    });
  }
}

const readClaim = ({ text }: SharedText): ClaimMessage => JSON.parse(text);

const messageOf = (owner: string, held: boolean): string =>
  JSON.stringify({ owner, held } satisfies ClaimMessage);
