import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import type { Broker } from './connection.ts';

export interface DurableOptions {
  readonly stream: string;
  readonly name: string;
  readonly filter: string;
  /** Nothing before this position is delivered; always give it where it is known: 2.9 walks every block otherwise. */
  readonly startSequence: number;
  /** How long a delivery may stay unacknowledged, milliseconds. */
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
  /** Deleted by the server when nobody asked for so long, milliseconds; never when absent. */
  readonly inactiveMs?: number;
}

const CONSUMER_EXISTS = new Set([10013, 10148]);
const NANOSECONDS = 1_000_000;

/** Makes a shared durable consumer, or finds it there; safe to be done by every instance at once. */
export async function ensureDurable(broker: Broker, options: DurableOptions): Promise<void> {
  try {
    await broker.manager.consumers.add(options.stream, {
      durable_name: options.name,
      filter_subject: options.filter,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, options.startSequence),
      ack_policy: AckPolicy.Explicit,
      ack_wait: options.ackWaitMs * NANOSECONDS,
      max_ack_pending: options.maxAckPending,
      max_deliver: -1,
      ...(options.inactiveMs === undefined ? {} : { inactive_threshold: options.inactiveMs * NANOSECONDS }),
    });
  } catch (error) {
    // It is there already with other limits, as a former release made it: what it delivers is the same.
    if (error instanceof JetStreamApiError && CONSUMER_EXISTS.has(error.code)) return;
    throw error;
  }
}
