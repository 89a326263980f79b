import type { Message } from '@herald/contracts';
import { readOutcome } from '../database/batch-outcomes.ts';

/** A message, put together from its batch. */
export interface MessageRow {
  readonly id: number;
  readonly mailing_id: string;
  readonly client_id: string;
  readonly batch: number;
  /** The zone in which the batch was queued. */
  readonly timezone: string;
  readonly queued_sequence: number;
  readonly created_at: Date;
  /** What is stored of it beside its batch; null where nothing has happened to the whole batch. */
  readonly outcome: Buffer | null;
  readonly error: string | null;
}

/** A message as it is answered. */
export function messageOf(row: MessageRow): Message {
  const { status, attempts, endedAt } = readOutcome(row.outcome);
  return {
    id: row.id,
    mailingId: row.mailing_id,
    clientId: row.client_id,
    status,
    createdAt: row.created_at.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    attempts,
    error: row.error,
  };
}
