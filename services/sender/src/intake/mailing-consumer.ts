import { EVENTS_STREAM, eventSubjects, senderConsumer } from '@herald/contracts';
import { type Broker, ensureDurable, WorkQueue, type WorkQueueOptions } from '@herald/event-log';

/** The durable consumer of one mailing, which all senders share. */
export interface MailingConsumer {
  /**
   * Makes it where it is missing.
   *
   * @throws the broker's errors
   */
  ensure(): Promise<void>;
  /** Pulls from it. */
  pull(
    options: Pick<WorkQueueOptions, 'handle' | 'idle' | 'lost'>,
  ): Pick<WorkQueue, 'outstanding' | 'want' | 'close'>;
}

export interface MailingConsumerOptions {
  readonly mailingId: string;
  /** The position of the mailing's start: nothing of it stands before. */
  readonly startSequence: number;
  /** How long a delivery may stay unacknowledged and unrenewed, milliseconds. */
  readonly ackWaitMs: number;
}

/** Parked batches count too: this must be more than the largest mailing has batches. */
const MAX_ACK_PENDING = 100_000;
/** The consumer of a mailing that nobody asks for any more deletes itself, milliseconds. */
export const INACTIVE_MS = 60 * 60_000;

/** The consumer of a broker. */
export function mailingConsumer(
  broker: Broker,
  { mailingId, startSequence, ackWaitMs }: MailingConsumerOptions,
): MailingConsumer {
  const name = senderConsumer(mailingId);
  return {
    ensure: async () => {
      await ensureDurable(broker, {
        stream: EVENTS_STREAM,
        name,
        filter: eventSubjects.queuedOf(mailingId),
        startSequence,
        ackWaitMs,
        maxAckPending: MAX_ACK_PENDING,
        inactiveMs: INACTIVE_MS,
      });
    },
    pull: (options) => new WorkQueue(broker, { stream: EVENTS_STREAM, consumer: name, ...options }),
  };
}
