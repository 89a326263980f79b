/** A message of a stream as it was read: what stands in it, and where. */
export interface LogRecord {
  readonly subject: string;
  /** Position in the stream, from 1. */
  readonly sequence: number;
  /** When the server stored it, milliseconds since 1970. */
  readonly storedAt: number;
  /** How many further messages of the reader's filter stood behind it when it was delivered. */
  readonly pending: number;
  readonly text: string;
}

/** What the reply subject of a delivered message tells. */
export interface DeliveryInfo {
  readonly sequence: number;
  readonly deliverySequence: number;
  readonly deliveryCount: number;
  readonly storedAt: number;
  readonly pending: number;
}

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time ns>.<pending>`, or the longer form
 * with a domain and an account in front (servers with domains). Source: NATS ADR-15.
 *
 * @throws Error when the subject has neither form
 */
export function readDeliveryInfo(reply: string): DeliveryInfo {
  const tokens = reply.split('.');
  const first = tokens.length >= 11 ? 4 : 2;
  const at = (offset: number): number => Number(tokens[first + offset]);
  const info = {
    deliveryCount: at(2),
    sequence: at(3),
    deliverySequence: at(4),
    storedAt: at(5) / 1e6,
    pending: at(6),
  };
  if (!Number.isInteger(info.sequence) || !Number.isFinite(info.pending)) {
    throw new Error(`not the reply subject of a delivery: ${reply}`);
  }
  return info;
}
