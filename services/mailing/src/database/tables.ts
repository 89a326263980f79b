import type { DirectoryRebuild, Mailing, MailingFilter, RebuildDifference } from '@herald/contracts';
import type { FoldTables } from '@herald/postgres';
import type { ColumnType, JSONColumnType } from 'kysely';

/**
 * The schema `mailing`: a fold of the log that can be thrown away and rebuilt, and records that stand in no event:
 * `directory_rebuild`, `client_import`, `import_phone`, and of `command_result` and `phone_reservation` what commands have left
 * there.
 */
export interface Tables extends FoldTables {
  /** The client directory: who is in it now. */
  client: {
    id: string;
    phone: string;
    operator_code: string;
    tag: string;
    timezone: string;
    version: number;
    created_at: Date;
    updated_at: Date;
    /** Of the event that wrote the row last; 0 where a release before 0038 wrote it. */
    position: number;
  };
  /**
   * What a client was from one position until before another, kept while a plan that is being cut needs it. At position P
   * a client is its row of `client` if that is of P or before, else the row here whose span holds P.
   */
  client_before: {
    id: string;
    from_position: number;
    until_position: number;
    operator_code: string;
    tag: string;
    timezone: string;
  };
  /** Whose a phone is. `command_id` is set while the command that claims it is under way. */
  phone_reservation: { phone: string; client_id: string; command_id: string | null };
  mailing: {
    id: string;
    status: Mailing['status'];
    created_at: Date;
    /** Position of `MailingStarted`; null before. */
    started_sequence: number | null;
    settled: boolean;
    state: JSONColumnType<Mailing>;
  };
  /** What a started mailing is to send, in how many batches, and how many of them are completed. */
  plan: {
    mailing_id: string;
    batches: number;
    messages: number;
    completed: number;
    /** `MailingAudienceResolved` is in the log. */
    resolved: boolean;
    settled: boolean;
    correlation_id: string;
    /** Where its block of message ids begins; null while that is not known, and of plans of earlier releases. */
    first_message_id: number | null;
  };
  /** A plan whose batches are not all cut, with how far it is; the arrays hold one element for each time zone. */
  plan_cut: {
    mailing_id: string;
    /** Position of `MailingStarted`: the plan holds the clients as of it. */
    position: number;
    filter: JSONColumnType<MailingFilter>;
    /** Null where the log may hold a part of the plan: then it is open what is left to cut, and nothing is cut yet. */
    first_message_id: number | null;
    /** Of an open one: what stands in the log up to here must be folded before it is decided. */
    known_until: number | null;
    /** Ordered by their bytes. */
    timezones: string[];
    clients: number[];
    batches_cut: number;
    /** The last client of each zone that stands in a batch. */
    last_ids: string[];
  };
  plan_batch: {
    mailing_id: string;
    batch: number;
    timezone: string;
    first_message_id: number;
    client_ids: string[];
  };
  /** One row: the next message id. */
  message_counter: { next: number };
  /** What was asked for and done of making the directory anew. */
  directory_rebuild: {
    id: string;
    state: DirectoryRebuild['state'];
    events: number;
    total: number;
    per_second: number | null;
    error: string | null;
    differences_found: number;
    differences: JSONColumnType<RebuildDifference[]>;
    started_at: Date;
    ended_at: Date | null;
  };
  command_result: {
    command_id: string;
    import_id: string | null;
    fingerprint: string;
    outcome: unknown;
    created_at: ColumnType<Date, Date | undefined, never>;
    /** Of a part of an import: its place, and what was rejected of it; null elsewhere. */
    chunk: number | null;
    /** How many of the rejected lines the gateway had rejected. */
    bad_lines: number | null;
    rejected_lines: number | null;
    /** `RejectedLine[]`; null where there are none. As text: a value may hold what `jsonb` does not take. */
    rejected: unknown;
  };
  /** An import: what was asked, and, when its last part was carried out, how its reading ended. */
  client_import: {
    id: string;
    on_duplicate: 'reject' | 'update';
    dry_run: boolean;
    started_at: Date;
    /** These four are null until the last part is carried out. */
    chunks: number | null;
    received: number | null;
    bad_lines: number | null;
    stopped: boolean | null;
    created_at: ColumnType<Date, Date | undefined, never>;
  };
  /** In which line of a dry run a phone stood first that is not in the directory. Kept until the dry run is over. */
  import_phone: { import_id: string; phone: string; line: number };
}
