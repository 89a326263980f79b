import { type messagesQuery, PAGE_BYTES } from '@herald/contracts';
import type { z } from 'zod';
import { numberOf } from '../database/statuses.ts';
import type { Parts } from '../parts.ts';
import { readAsOf } from './as-of.ts';
import { messageOf } from './message-row.ts';

/** What a message takes as JSON at the most: its error is cut far below this. */
const LONGEST_MESSAGE = 2_048;
/** So many always fit a reply. */
const MOST = Math.floor((2 * PAGE_BYTES) / LONGEST_MESSAGE) - 1;

/** Messages of a mailing or of a client in the order of their ids, in pieces that fit a reply. */
export async function listMessages(
  { database }: Parts,
  { mailingId, clientId, status, limit, after }: z.infer<typeof messagesQuery.request>,
): Promise<z.infer<typeof messagesQuery.reply>> {
  const asOf = await readAsOf(database);
  const size = Math.min(limit, MOST);
  let query = database
    .selectFrom('message')
    .selectAll()
    .orderBy('id')
    .limit(size + 1);
  if (mailingId !== undefined) query = query.where('mailing_id', '=', mailingId);
  if (clientId !== undefined) query = query.where('client_id', '=', clientId);
  if (status !== undefined) query = query.where('status', '=', numberOf(status));
  if (after !== null) query = query.where('id', '>', after);
  const rows = await query.execute();
  const items = rows.slice(0, size).map(messageOf);
  return { items, next: rows.length > size ? (items.at(-1)?.id ?? null) : null, asOf };
}
