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
  batch: { mailing_id: string; batch: number; queued_sequence: number };
  message: {
    id: number;
    mailing_id: string;
    client_id: string;
    batch: number;
    status: number;
    attempts: number;
    created_at: Date;
    ended_at: Date | null;
    error: string | null;
  };
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
