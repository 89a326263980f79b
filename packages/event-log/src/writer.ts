import { createInbox, type Msg, type Subscription } from 'nats';
import type { Broker } from './connection.ts';
import { countBySubject, type PendingPublish } from './pending-publish.ts';
import {
  type Answer,
  type FullAnswer,
  fullPauseMs,
  inProcessPauseMs,
  LogFullError,
  makeHeaders,
  type OfferResult,
  type PublishOptions,
  PublishRefusedError,
  type PublishResult,
  readAnswer,
  WriterClosedError,
} from './publish-protocol.ts';
import { WaitingPublishes } from './waiting-publishes.ts';

/** How many publishes may wait for their acknowledgement. Servers since 2.11 refuse floods with 429. */
const WINDOW = 2_048;
/** An acknowledgement that takes longer than this (milliseconds) is asked for again. */
const ACK_TIMEOUT_MS = 4_000;
const SWEEP_MS = 500;
const RETRY_MS = 100;

/**
 * Publishes into the streams over one inbox for all acknowledgements: 5 µs of CPU a publish, where the client's own
 * `js.publish` costs 30–40 µs. A bounded number of publishes is under way; further callers wait. What was not
 * acknowledged is published again under the same id and the same expectation, at once after a reconnect; what found the
 * store full, with back-off (docs/adr/0026-full-store.md).
 */
export class LogWriter {
  readonly #broker: Broker;
  readonly #inbox = createInbox();
  readonly #pending = new Map<string, PendingPublish>();
  readonly #waiting = new WaitingPublishes();
  readonly #subscription: Subscription;
  readonly #sweep: NodeJS.Timeout;
  #next = 0;
  #givesUpWhereFull = false;
  #inDoubt = false;
  #closed = false;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#subscription = broker.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        // An error comes with no message; what stays unanswered is sent again.
        if (error === null) this.#acknowledged(message);
      },
    });
    this.#sweep = setInterval(() => this.#resendOverdue(), SWEEP_MS);
    broker.onChange((connected) => {
      if (connected) for (const pending of this.#pending.values()) this.#send(pending);
    });
  }

  /** How many publishes wait for their acknowledgement. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** The same, by the first word of the subject. */
  get unacknowledged(): Record<string, number> {
    return countBySubject(this.#pending.values());
  }

  /** How long the oldest of the publishes under way has waited, milliseconds; 0 where none waits. */
  get oldestMs(): number {
    for (const { beganAt } of this.#pending.values()) return performance.now() - beganAt;
    return 0;
  }

  /** True from an offer that was sent and not acknowledged in time until something is stored. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * Publishes and waits for the acknowledgement, however long the broker is away or has no room.
   *
   * @throws PublishRefusedError when the stream will never take it; LogFullError when there is no room at a stop;
   *   WriterClosedError when the writer is closed first
   */
  async publish(subject: string, payload: string, options: PublishOptions = {}): Promise<PublishResult> {
    const result = await this.#run(subject, payload, options, Number.POSITIVE_INFINITY);
    if (result.kind === 'stored' || result.kind === 'conflict') return result;
    throw new Error(`a publish that nobody gave up is ${result.kind}`);
  }

  /**
   * Publishes, and gives up when no acknowledgement comes in time, and at once where the store is full: it is not sent
   * again behind the caller's back.
   *
   * @param withinMs how long it may take in all, milliseconds
   * @throws PublishRefusedError when the stream will never take it; WriterClosedError when the writer is closed first
   */
  offer(subject: string, payload: string, options: PublishOptions, withinMs: number): Promise<OfferResult> {
    return this.#run(subject, payload, options, withinMs);
  }

  /** From now on what finds the store full is not tried again: whoever waits for room is told so. For a stop. */
  giveUpWhereFull(): void {
    this.#givesUpWhereFull = true;
    for (const pending of [...this.#pending.values()]) if (pending.foundFull > 0) this.#leaveBehind(pending);
  }

  /** Stops; whoever still waits is told so. Await your publishes before. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#subscription.unsubscribe();
    for (const pending of [...this.#pending.values()]) {
      this.#settle(pending);
      pending.reject(new WriterClosedError('the log writer was closed before the acknowledgement came'));
    }
    this.#waiting.wakeAll();
  }

  async #run(
    subject: string,
    payload: string,
    options: PublishOptions,
    withinMs: number,
  ): Promise<OfferResult> {
    const endsAt = performance.now() + withinMs;
    // Made first, for it throws where a header cannot be sent: who was woken for a free place must not leave it.
    const headers = makeHeaders(options);
    // Nothing may come between the last look and the taking: of many that wait as many would pass.
    while (this.#pending.size >= WINDOW && !this.#closed) {
      if (performance.now() >= endsAt) return { kind: 'unanswered', sent: false };
      await this.#waiting.wait(endsAt);
    }
    if (performance.now() >= endsAt && !this.#closed) {
      // It was woken for a place that it does not take: the next one would sleep on beside it.
      this.#waiting.wakeNext();
      return { kind: 'unanswered', sent: false };
    }
    if (this.#closed) throw new WriterClosedError('the log writer is closed');
    const { promise, resolve, reject } = Promise.withResolvers<OfferResult>();
    this.#next += 1;
    const pending: PendingPublish = {
      subject,
      payload,
      headers,
      token: this.#next.toString(36),
      isOffer: Number.isFinite(withinMs),
      resolve,
      reject,
      beganAt: performance.now(),
      sentAt: 0,
      attempts: 0,
      unanswered: false,
      uncertain: false,
      foundFull: 0,
      timer: undefined,
    };
    this.#pending.set(pending.token, pending);
    this.#send(pending);
    if (!pending.isOffer) return promise;
    const timer = setTimeout(() => this.#giveUp(pending), endsAt - performance.now());
    return promise.finally(() => clearTimeout(timer));
  }

  #send(pending: PendingPublish): void {
    clearTimeout(pending.timer);
    pending.timer = undefined;
    pending.sentAt = performance.now();
    if (this.#closed || !this.#broker.isConnected()) return;
    if (pending.unanswered) pending.uncertain = true;
    pending.attempts += 1;
    pending.unanswered = true;
    const { headers } = pending;
    const reply = `${this.#inbox}.${pending.token}`;
    try {
      this.#broker.connection.publish(
        pending.subject,
        pending.payload,
        headers === undefined ? { reply } : { reply, headers },
      );
    } catch (error) {
      // The client itself refuses it (too large, the connection is closed): kept, it would be tried again for ever.
      this.#settle(pending);
      pending.reject(error);
    }
  }

  #sendLater(pending: PendingPublish, delayMs: number): void {
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => this.#send(pending), delayMs);
  }

  #settle(pending: PendingPublish): void {
    clearTimeout(pending.timer);
    if (!this.#pending.delete(pending.token)) return;
    this.#waiting.wakeNext();
  }

  #giveUp(pending: PendingPublish): void {
    this.#settle(pending);
    const sent = pending.attempts > 0;
    if (sent) this.#inDoubt = true;
    pending.resolve({ kind: 'unanswered', sent });
  }

  #leaveBehind(pending: PendingPublish): void {
    this.#settle(pending);
    pending.reject(new LogFullError(`${pending.subject}: the store is full`));
  }

  #acknowledged(message: Msg): void {
    const token = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const pending = this.#pending.get(token);
    const answer = readAnswer(message);
    // Also what comes after its publish was given up: a log that is slow stores all the same. What is there already proves
    // nothing: a server tells that from memory.
    if (answer.kind === 'stored' && !answer.duplicate) this.#inDoubt = false;
    if (pending === undefined) return;
    pending.unanswered = false;
    this.#take(answer, pending);
  }

  #take(answer: Answer, pending: PendingPublish): void {
    switch (answer.kind) {
      case 'stored': {
        const { stream, ...result } = answer;
        this.#settle(pending);
        this.#broker.fullStreams.stored(stream);
        pending.resolve(result);
        return;
      }
      case 'conflict':
        this.#settle(pending);
        pending.resolve({ kind: 'conflict', retried: pending.attempts > 1 });
        return;
      case 'refused':
        this.#settle(pending);
        pending.reject(new PublishRefusedError(`${pending.subject}: ${answer.reason}`));
        return;
      case 'full':
        this.#foundFull(answer, pending);
        return;
      case 'in-process':
        pending.uncertain = true;
        this.#sendLater(pending, inProcessPauseMs(Math.random()));
        return;
      case 'busy':
        pending.uncertain = true;
        this.#sendLater(pending, RETRY_MS);
        return;
      default:
        answer satisfies never;
    }
  }

  #foundFull({ stream, reason, certain }: FullAnswer, pending: PendingPublish): void {
    this.#broker.fullStreams.refused(stream, reason);
    pending.foundFull += 1;
    if (!certain) pending.uncertain = true;
    if (pending.isOffer && !pending.uncertain) {
      this.#settle(pending);
      pending.resolve({ kind: 'full', reason });
    } else if (this.#givesUpWhereFull && !pending.isOffer) {
      this.#leaveBehind(pending);
    } else {
      this.#sendLater(pending, fullPauseMs(pending.foundFull, Math.random()));
    }
  }

  /** What waits for its next attempt was answered, and is not overdue. */
  #resendOverdue(): void {
    const overdue = performance.now() - ACK_TIMEOUT_MS;
    for (const pending of this.#pending.values()) {
      if (pending.timer === undefined && pending.sentAt < overdue) this.#send(pending);
    }
  }
}
