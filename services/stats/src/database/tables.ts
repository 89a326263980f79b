import type { Mailing } from '@herald/contracts';
import type { FoldTables } from '@herald/postgres';

/** One generation's schema: a fold of the log, thrown away and rebuilt at will. */
export interface Tables extends FoldTables {
  mailing: {
    id: string;
    name: string | null;
    status: Mailing['status'];
    created_at: Date;
    /** Null until the audience is resolved. */
    audience_messages: number | null;
    settled: boolean;
  };
  /** Who is to get which message; written once. The messages have consecutive ids, in the order of the clients. */
  queued_batch: {
    mailing_id: string;
    batch: number;
    first_message_id: number;
    messages: number;
    created_at: Date;
    queued_sequence: number;
    client_ids: string[];
  };
  /**
   * What became of the messages of a batch, read by `BatchOutcomes`; `outcomes` is empty while nothing has happened. For each
   * status there is a column `has_…`, made by the database of its count and indexed.
   */
  batch_outcomes: {
    first_message_id: number;
    queued: number;
    sent: number;
    failed: number;
    expired: number;
    cancelled: number;
    unknown: number;
    outcomes: Buffer;
  };
  /** The last error of a message that has one. */
  message_error: { message_id: number; error: string };
  /** Kept per lane, summed when read, so that lanes never wait for each other's rows. */
  counter: {
    lane: number;
    mailing_id: string;
    queued: number;
    sent: number;
    failed: number;
    expired: number;
    cancelled: number;
    unknown: number;
    retries: number;
    first_sent_at: Date | null;
    last_sent_at: Date | null;
  };
  timeline: {
    lane: number;
    mailing_id: string;
    at: Date;
    sent: number;
    failed: number;
    expired: number;
    cancelled: number;
    unknown: number;
  };
}
