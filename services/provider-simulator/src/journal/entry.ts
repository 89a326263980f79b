/** What is known of a request to /v1/send when it has been decided what becomes of it. */
export interface SendRecord {
  /** When its header had arrived: milliseconds since the epoch, with a fraction. */
  readonly at: number;
  /** From the path; null where that is no message id. */
  readonly messageId: number | null;
  /** Null where the body could not be understood. */
  readonly phone: number | null;
  readonly text: string | null;
  readonly idempotencyKey: string | null;
  /** The provider would deliver this message, or has already done so. */
  readonly accepted: boolean;
  /** `ok`, a fault's kind, `status-<code>`, or `incomplete` for a request that broke off in its body. */
  readonly outcome: string;
}

export interface JournalEntry extends SendRecord {
  readonly sequence: number;
  /** This is the nth request of its message id; 0 where there is none. */
  readonly attempt: number;
  /** The message had been accepted before this request: not delivered again. */
  readonly repeat: boolean;
  /** When the answer had been sent in full (epoch milliseconds); null where it never was. */
  readonly respondedAt: number | null;
  /** The client left before it had the answer. */
  readonly aborted: boolean;
}
