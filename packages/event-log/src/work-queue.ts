import type { Msg } from 'nats';
import type { Broker } from './connection.ts';
import { Puller } from './puller.ts';
import { type Delivery, makeWork } from './work.ts';

export interface WorkQueueOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Called for each delivery. Must not throw; the slot is free again when `finished` is called. */
  readonly handle: (work: Delivery) => void;
  /** No request stands any more, and none is wanted: whoever wants something again must say so. */
  readonly idle?: () => void;
  /** The consumer is gone (deleted, or the server lost it). The queue is closed; make both anew. */
  readonly lost: (reason: string) => void;
}

/** Pulls work by credit: never more than `want` says is wanted. */
export class WorkQueue {
  readonly #broker: Broker;
  readonly #puller: Puller;
  readonly #handle: (work: Delivery) => void;
  #wanted = 0;
  #closing: Promise<void> | undefined;

  constructor(broker: Broker, options: WorkQueueOptions) {
    this.#broker = broker;
    this.#handle = options.handle;
    this.#puller = new Puller(broker, options.stream, options.consumer, {
      message: (message) => this.#received(message),
      idle: () => {
        this.#ask();
        if (this.#puller.outstanding === 0) options.idle?.();
      },
      lost: (reason) => {
        void this.close();
        options.lost(reason);
      },
    });
  }

  /** Sets how many deliveries may come from now on. Requests that stand already are not taken back. */
  want(count: number): void {
    this.#wanted = Math.max(0, count);
    this.#ask();
  }

  /** How many deliveries may still come for requests that stand. */
  get outstanding(): number {
    return this.#puller.outstanding;
  }

  /**
   * Ends, and gives back at once what the server had already sent. What is in hand is to be given back after that, or
   * it may rest until its ack wait is over (puller.ts).
   *
   * @returns resolves when nothing comes any more, half a second later at most; never rejects
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#wanted = 0;
    const giveBack = (message: Msg): void => makeWork(this.#broker, message).giveBack(0);
    const late: Msg[] = [];
    let isDrained = false;
    await this.#puller.drain((message) => (isDrained ? giveBack(message) : late.push(message)));
    isDrained = true;
    for (const message of late) giveBack(message);
  }

  #ask(): void {
    const more = this.#wanted - this.#puller.outstanding;
    if (more > 0) this.#puller.request(more);
  }

  #received(message: Msg): void {
    this.#wanted = Math.max(0, this.#wanted - 1);
    this.#handle(makeWork(this.#broker, message));
  }
}
