import type { Msg } from 'nats';
import type { Broker } from './connection.ts';
import { Puller } from './puller.ts';
import { readDeliveryInfo } from './record.ts';

/** One delivery from a shared durable consumer: to be acknowledged, given back, or held by renewing the lease. */
export interface Work {
  readonly subject: string;
  readonly sequence: number;
  /** When the server stored the message, milliseconds since 1970. */
  readonly storedAt: number;
  readonly text: string;
  /** Done; resolves when the server has confirmed. */
  done(): Promise<void>;
  /** Done, or never to be delivered again, without waiting for a confirmation. */
  terminate(): void;
  /** Give it back, to be delivered again after the delay, milliseconds. */
  giveBack(delayMs: number): void;
  /** Renews the lease; resolves when the server has answered, which proves the connection (not the ownership). */
  renew(timeoutMs: number): Promise<void>;
}

export interface WorkQueueOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Called for each delivery. Must not throw; the slot is free again when `finished` is called. */
  readonly handle: (work: Work) => void;
  /** No request stands any more, and none is wanted: whoever wants something again must say so. */
  readonly idle?: () => void;
  /** The consumer is gone (deleted, or the server lost it). The queue is closed; make both anew. */
  readonly lost: (reason: string) => void;
}

/** How long a confirmation of an acknowledgement may take, milliseconds. */
const CONFIRM_MS = 5_000;

/** Pulls work by credit: never more than `want` says is wanted. */
export class WorkQueue {
  readonly #broker: Broker;
  readonly #puller: Puller;
  readonly #handle: (work: Work) => void;
  #wanted = 0;

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
        this.close();
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

  close(): void {
    this.#wanted = 0;
    this.#puller.close();
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

function makeWork(broker: Broker, message: Msg): Work {
  const reply = message.reply ?? '';
  const info = readDeliveryInfo(reply);
  const { connection } = broker;
  return {
    subject: message.subject,
    sequence: info.sequence,
    storedAt: info.storedAt,
    text: message.string(),
    done: async () => {
      await connection.request(reply, '+ACK', { timeout: CONFIRM_MS });
    },
    // Without a reason: servers before 2.10 do not know one, ignore the whole answer, and deliver again for ever.
    terminate: () => connection.publish(reply, '+TERM'),
    giveBack: (delayMs) =>
      connection.publish(reply, `-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}`),
    renew: async (timeoutMs) => {
      await connection.request(reply, '+WPI', { timeout: timeoutMs });
    },
  };
}
