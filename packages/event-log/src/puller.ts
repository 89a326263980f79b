import { setTimeout as sleep } from 'node:timers/promises';
import { createInbox, type Msg, type Subscription } from 'nats';
import type { Broker } from './connection.ts';
import { untilHeard } from './until-heard.ts';

export interface PullHandlers {
  /** A message of the stream. Must not throw. */
  readonly message: (message: Msg) => void;
  /**
   * Requests came to their end (expired, or all delivered); `outstanding` is down accordingly.
   *
   * @param isTooLarge the message that comes next has more bytes than the request had left
   */
  readonly idle: (isTooLarge: boolean) => void;
  /** The consumer is gone, or nothing was heard for too long: make it anew. */
  readonly lost: (reason: string) => void;
}

/** How often the server says that it is there while nothing comes, milliseconds; twice that silent means lost. */
const HEARTBEAT_MS = 5_000;
const CHECK_MS = HEARTBEAT_MS / 2;
/**
 * Silence is counted in checks, not taken from the clock: a process that was stopped or kept busy has not listened
 * itself, and what was delivered to it meanwhile still waits in the socket. Whoever gave the consumer up then would
 * lose these deliveries until their ack wait is over.
 */
const SILENT_CHECKS = (2 * HEARTBEAT_MS) / CHECK_MS;
/** How long one request stands, milliseconds. */
const EXPIRES_MS = 30_000;
/** The pause after the server said that too much is under way, milliseconds. */
const BUSY_MS = 250;
const NANOSECONDS = 1_000_000;
/** A server that is silent at a stop is not waited for longer, milliseconds. */
const DRAIN_MS = 500;
/** By then the server has looked at its requests itself, to say that it is there, milliseconds. */
const FORGOTTEN_MS = HEARTBEAT_MS;

/**
 * Pulls from one consumer by credit: what was not asked for does not come, so a slow reader holds nothing that
 * belongs to others. Statuses are those of NATS ADR-37 (100 heartbeat, 404 and 408 end of a request, 409 several).
 */
export class Puller {
  readonly #broker: Broker;
  readonly #inbox = createInbox();
  readonly #handlers: PullHandlers;
  readonly #subscription: Subscription;
  readonly #requestSubject: string;
  readonly #infoSubject: string;
  readonly #watch: NodeJS.Timeout;
  #outstanding = 0;
  /** How many bytes the request that stands may still bring. */
  #bytesLeft = Number.POSITIVE_INFINITY;
  #silentChecks = 0;
  #late: ((message: Msg) => void) | null = null;

  constructor(broker: Broker, stream: string, consumer: string, handlers: PullHandlers) {
    this.#broker = broker;
    this.#handlers = handlers;
    this.#requestSubject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.#infoSubject = `$JS.API.CONSUMER.INFO.${stream}.${consumer}`;
    this.#subscription = broker.connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        // An error comes with no message; nothing heard is found by the watch.
        if (error === null) this.#received(message);
      },
    });
    this.#watch = setInterval(() => this.#checkSilence(), CHECK_MS);
  }

  /** How many messages were asked for and may still come. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /**
   * Asks for up to `count` further messages.
   *
   * @param maxBytes how many bytes they may have together, their subjects and headers included; only where no other
   *   request stands. Where the first one alone has more, none comes (`isTooLarge`)
   * @param isOneShot whether it ends as soon as it has brought all that is there: what is stored later is not for it
   */
  request(count: number, maxBytes?: number, isOneShot = false): void {
    // Nobody would hear the answer, and the server would take it for somebody who waits.
    if (this.#late !== null) return;
    if (this.#outstanding === 0) this.#silentChecks = 0;
    this.#outstanding += count;
    this.#bytesLeft = maxBytes ?? Number.POSITIVE_INFINITY;
    this.#broker.connection.publish(
      this.#requestSubject,
      JSON.stringify({
        batch: count,
        max_bytes: maxBytes,
        // With a time to expire it does wait for the first one.
        ...(isOneShot ? { no_wait: true } : {}),
        expires: EXPIRES_MS * NANOSECONDS,
        idle_heartbeat: HEARTBEAT_MS * NANOSECONDS,
      }),
      { reply: this.#inbox },
    );
  }

  /** Ends; messages under way are not handed over any more. */
  close(): void {
    clearInterval(this.#watch);
    this.#subscription.unsubscribe();
  }

  /**
   * Ends, and hands over what the server had already sent for requests that stood: it counts as delivered, and would
   * rest until the ack wait is over. The server has forgotten the requests by then, too: one before 2.10.16 that finds
   * only requests nobody listens to any more takes a redelivery from its queue, sends it to nobody, and has it rest for
   * an ack wait. So nothing is to be given back before this has resolved.
   *
   * To be called once.
   *
   * @param late gets these messages instead
   * @returns resolves when nothing comes any more, or after {@link DRAIN_MS}; never rejects
   */
  async drain(late: (message: Msg) => void): Promise<void> {
    clearInterval(this.#watch);
    this.#late = late;
    if (this.#broker.isConnected()) {
      const drained = this.#subscription.drain().catch(() => {});
      // One after the other: between the servers of a cluster a question may overtake the end of a subscription.
      const over = drained.then(() => this.#forgetRequests());
      await Promise.race([over, sleep(DRAIN_MS, undefined, { ref: false })]);
    } else {
      // Over a new connection nothing comes for requests made over the old one, which stand at the server all the same.
      this.#subscription.unsubscribe();
      void this.#forgetRequests();
    }
  }

  /** Whoever asks about a consumer has the server look which of its requests are still listened to. Never rejects. */
  #forgetRequests(): Promise<boolean> {
    return untilHeard(this.#broker, this.#infoSubject, () => '', FORGOTTEN_MS);
  }

  #received(message: Msg): void {
    if (this.#late !== null) {
      if (statusOf(message) === 0) this.#late(message);
      return;
    }
    this.#silentChecks = 0;
    const status = statusOf(message);
    if (status === 0) {
      this.#outstanding = Math.max(0, this.#outstanding - 1);
      this.#bytesLeft -= sizeOf(message);
      // A server ends a request without a word when not a byte is left of it.
      if (this.#bytesLeft <= 0) this.#outstanding = 0;
      this.#handlers.message(message);
      return;
    }
    this.#status(status, message);
  }

  #status(status: number, message: Msg): void {
    if (status === 100) return;
    const description = message.headers?.description ?? '';
    const isTooLarge = status === 409 && /Size Exceeds/i.test(description);
    const isDone = isTooLarge || (status === 409 && /Batch Completed/i.test(description));
    const gone = status === 503 || (status === 409 && !isDone && !/Exceeded/i.test(description));
    if (gone) {
      this.#outstanding = 0;
      this.#handlers.lost(`${status} ${description}`);
      return;
    }
    const left = message.headers?.get('Nats-Pending-Messages') ?? '';
    this.#outstanding = left === '' ? 0 : Math.max(0, this.#outstanding - Number(left));
    // 409: as many requests or unacknowledged messages as allowed are under way. Asking again at once would spin.
    if (status === 409 && !isDone) setTimeout(() => this.#handlers.idle(false), BUSY_MS);
    else this.#handlers.idle(isTooLarge);
  }

  #checkSilence(): void {
    if (this.#outstanding === 0 || !this.#broker.isConnected()) return;
    this.#silentChecks += 1;
    if (this.#silentChecks > SILENT_CHECKS) {
      this.#outstanding = 0;
      this.#handlers.lost('nothing heard, not even heartbeats');
    }
  }
}

/** What the server says instead of a message; 0 for a message. The headers are decoded where they are asked for. */
const statusOf = (message: Msg): number => (message.data.length === 0 ? (message.headers?.code ?? 0) : 0);

/** The bytes of a message as the server counts them: subject, reply, headers and text. The client's type leaves it out. */
export const sizeOf = (message: Msg): number => (message as Msg & { size(): number }).size();
