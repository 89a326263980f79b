import type { Message } from '@herald/contracts';
import type { Selectable } from 'kysely';
import { statusOf } from '../database/statuses.ts';
import type { Tables } from '../database/tables.ts';

/** A message as it is answered. */
export const messageOf = (row: Selectable<Tables['message']>): Message => ({
  id: row.id,
  mailingId: row.mailing_id,
  clientId: row.client_id,
  status: statusOf(row.status),
  createdAt: row.created_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  attempts: row.attempts,
  error: row.error,
});
