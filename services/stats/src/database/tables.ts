import type { Mailing, MailingEventType } from '@herald/contracts';
import type { FoldTables } from '@herald/postgres';

/** One generation's schema: a fold of the log, thrown away and rebuilt at will. */
export interface Tables extends FoldTables {
  /** Each mailing as its newest event left it. */
  mailing: {
    id: string;
    name: string | null;
    status: Mailing['status'];
    created_at: Date;
    /** Null until the audience is resolved. */
    audience_messages: number | null;
    settled: boolean;
    /** Position of the newest event. */
    sequence: number;
    /** Position of `MailingStarted`: of the clients as they were here the audience was picked. Null before the start. */
    started_sequence: number | null;
  };
  /** Each event of a mailing: what it was at any position. */
  mailing_version: {
    mailing_id: string;
    sequence: number;
    /** When the log stored it, milliseconds since 1970. */
    stored_at: number;
    type: MailingEventType;
    name: string | null;
    status: Mailing['status'];
    audience_messages: number | null;
  };
  /** Each event of a client, with what messages are counted by. No phones. */
  client_version: {
    client_id: string;
    sequence: number;
    /** When the log stored it, milliseconds since 1970. */
    stored_at: number;
    operator_code: string;
    tag: string;
    timezone: string;
    removed: boolean;
    /** Position of the client's next event; null for the last. At any position one version is in force: no sort finds it. */
    superseded_at: number | null;
  };
  /** Who is to get which message; written once. The messages have consecutive ids, in the order of the clients. */
  queued_batch: {
    mailing_id: string;
    batch: number;
    first_message_id: number;
    messages: number;
    created_at: Date;
    queued_sequence: number;
    timezone: string;
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
    /** Milliseconds since 1970. */
    first_sent_at: number | null;
    last_sent_at: number | null;
  };
  /** How many messages ended in a bin of time; see `binOf`. */
  timeline: {
    lane: number;
    mailing_id: string;
    /** When the bin begins, milliseconds since 1970, and how long it is, milliseconds. */
    bin: number;
    width: number;
    sent: number;
    failed: number;
    expired: number;
    cancelled: number;
    unknown: number;
  };
  /**
   * How each record of the log changed the counts of its mailing, by the bins in which its messages ended. What is no end
   * (messages that are queued, and retries) stands in a row of bin 0 and width 0, also where it counts for nothing. The sum up
   * to a moment is the state then.
   */
  count_change: {
    mailing_id: string;
    batch: number;
    sequence: number;
    /** When the log stored the record, milliseconds since 1970. */
    stored_at: number;
    bin: number;
    width: number;
    queued: number;
    sent: number;
    failed: number;
    expired: number;
    cancelled: number;
    unknown: number;
    retries: number;
    first_sent_at: number | null;
    last_sent_at: number | null;
  };
}
