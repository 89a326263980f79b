import type { Msg } from 'nats';
import type { Broker } from './connection.ts';
import { readDeliveryInfo } from './record.ts';
import { untilHeard } from './until-heard.ts';

/** One delivery from a shared durable consumer: to be acknowledged, given back, or held by renewing the lease. */
export interface Work {
  readonly subject: string;
  readonly sequence: number;
  /** When the server stored the message, milliseconds since 1970. */
  readonly storedAt: number;
  readonly text: string;
  /**
   * Done; resolves when the server has confirmed.
   *
   * @throws Error when it does not within 5 s, over reconnects
   */
  done(): Promise<void>;
  /** Done, or never to be delivered again, without waiting for a confirmation. */
  terminate(): void;
  /**
   * Give it back, to be delivered again after the delay, milliseconds. Does not wait for the server, and is said again
   * until it has confirmed: what a broken connection swallowed would rest until the ack wait is over.
   */
  giveBack(delayMs: number): void;
  /** Renews the lease; resolves when the server has answered, which proves the connection (not the ownership). */
  renew(timeoutMs: number): Promise<void>;
}

/** Work as a queue hands it over. */
export interface Delivery extends Work {
  /** Done, without waiting for a confirmation: where a broken connection swallows it, the work comes again. */
  acknowledge(): void;
}

/** How long the confirmation of an acknowledgement may take, milliseconds. */
const CONFIRM_MS = 5_000;
/** By then the ack wait is over, and the server delivers it again by itself, milliseconds. */
const GIVE_BACK_WITHIN_MS = 30_000;

export function makeWork(broker: Broker, message: Msg): Delivery {
  const reply = message.reply ?? '';
  const info = readDeliveryInfo(reply);
  const { connection } = broker;
  let words = 0;
  return {
    subject: message.subject,
    sequence: info.sequence,
    storedAt: info.storedAt,
    text: message.string(),
    done: async () => {
      const heard = await untilHeard(broker, reply, () => '+ACK', CONFIRM_MS);
      if (!heard) throw new Error(`an acknowledgement was not confirmed within ${CONFIRM_MS} ms`);
    },
    acknowledge: () => connection.publish(reply, '+ACK'),
    // Without a reason: servers before 2.10 do not know one, ignore the whole answer, and deliver again for ever.
    terminate: () => connection.publish(reply, '+TERM'),
    giveBack: (delayMs) => {
      words += 1;
      const mine = words;
      const dueAt = performance.now() + delayMs;
      const say = (): string | null => {
        // A second, shorter delay takes the place of the first.
        if (mine !== words) return null;
        return `-NAK ${JSON.stringify({ delay: Math.round(Math.max(0, dueAt - performance.now()) * 1e6) })}`;
      };
      void untilHeard(broker, reply, say, GIVE_BACK_WITHIN_MS);
    },
    renew: async (timeoutMs) => {
      await connection.request(reply, '+WPI', { timeout: timeoutMs });
    },
  };
}
