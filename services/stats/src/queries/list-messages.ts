import { type messagesQuery, PAGE_BYTES } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';
import { readAsOf } from './as-of.ts';
import { messageOf } from './message-row.ts';
import { readMessages } from './read-messages.ts';

/** What a message takes as JSON at the most: its error is cut far below this. */
const LONGEST_MESSAGE = 2_048;
/** So many always fit a reply. */
const MOST = Math.floor((2 * PAGE_BYTES) / LONGEST_MESSAGE) - 1;

/** Messages of a mailing or of a client in the order of their ids, in pieces that fit a reply. */
export async function listMessages(
  { database }: Dependencies,
  { mailingId, clientId, status, limit, after }: z.infer<typeof messagesQuery.request>,
): Promise<z.infer<typeof messagesQuery.reply>> {
  const size = Math.min(limit, MOST);
  const firstId = (after ?? 0) + 1;
  const wanted = { firstId, mailingId, clientId, status, limit: size + 1 };
  const { asOf, rows } = await inServed(database, async (transaction) => ({
    asOf: await readAsOf(transaction),
    rows: await readMessages(transaction, wanted),
  }));
  const items = rows.slice(0, size).map(messageOf);
  return { items, next: rows.length > size ? (items.at(-1)?.id ?? null) : null, asOf };
}
