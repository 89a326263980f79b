import { CLAIMS_STREAM, claimSubjects } from '@herald/contracts';
import { type Broker, type LogWriter, loadLastMessage, publishOnce } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';

export interface ClaimsOptions {
  readonly broker: Broker;
  readonly writer: LogWriter;
  readonly log: Logger;
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

const TAKE_TIMEOUT_MS = 5_000;
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
  #connectedAt = performance.now();

  constructor(options: ClaimsOptions) {
    this.#options = options;
    options.broker.onChange((connected) => {
      if (connected) this.#connectedAt = performance.now();
    });
  }

  /**
   * Takes a batch that nobody holds.
   *
   * @returns `null` when somebody else holds it
   * @throws the broker's errors; the claim may then stand all the same, and can be taken again by the same process
   */
  async take(mailingId: string, batch: number): Promise<Claim | null> {
    const { broker, owner, heldForMs, now, isClockRight } = this.#options;
    const subject = claimSubjects.batch(mailingId, batch);
    const last = await loadLastMessage(broker, CLAIMS_STREAM, subject);
    if (last !== null) {
      const claim: ClaimMessage = last.json();
      const ageMs = now() - last.time.getTime();
      const isOthers = claim.held && claim.owner !== owner;
      const connectedMs = performance.now() - this.#connectedAt;
      if (isOthers && !(isClockRight() && isDeserted(ageMs, connectedMs, heldForMs))) return null;
    }
    const expectedLastSequence = last?.seq ?? 0;
    const options = { expectedLastSequence, timeoutMs: TAKE_TIMEOUT_MS };
    const landed = await publishOnce(broker, subject, messageOf(owner, true), options);
    return landed === null ? null : new Claim(this.#options, subject, landed.sequence);
  }
}

/** One batch that is ours as long as this is renewed. */
export class Claim {
  readonly #options: ClaimsOptions;
  readonly #subject: string;
  #sequence: number;
  #renewing: Promise<void> | null = null;

  constructor(options: ClaimsOptions, subject: string, sequence: number) {
    this.#options = options;
    this.#subject = subject;
    this.#sequence = sequence;
  }

  /**
   * Holds it for another while; one at a time.
   *
   * @throws ClaimLostError when it is somebody else's; the broker's errors when nobody answers in time
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
    const { broker, owner } = this.#options;
    const expectedLastSequence = this.#sequence;
    const options = { expectedLastSequence, timeoutMs };
    const landed = await publishOnce(broker, this.#subject, messageOf(owner, true), options);
    if (landed !== null) {
      this.#sequence = landed.sequence;
      return;
    }
    // It may be an earlier renewal of our own whose acknowledgement was lost.
    const last = await loadLastMessage(broker, CLAIMS_STREAM, this.#subject);
    if (last === null || last.json<ClaimMessage>().owner !== owner) throw new ClaimLostError(this.#subject);
    this.#sequence = last.seq;
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

const messageOf = (owner: string, held: boolean): string =>
  JSON.stringify({ owner, held } satisfies ClaimMessage);
