import type { messageHistoryEntry, messageQuery } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { inServed } from '../generations/in-served.ts';
import type { HistoryEntry } from './message-history/history.ts';
import { readHistory } from './message-history/read-history.ts';
import { messageOf } from './message-row.ts';
import { readMessages } from './read-messages.ts';

/** One message and all that happened to it: who did what, when, and where the log says so. */
export async function findMessage(
  { database, runtime }: Dependencies,
  { messageId }: z.infer<typeof messageQuery.request>,
): Promise<z.infer<typeof messageQuery.reply>> {
  const [row] = await inServed(database, (transaction) =>
    readMessages(transaction, { firstId: messageId, lastId: messageId, limit: 1 }),
  );
  if (row === undefined) return { message: null };
  const history = await readHistory(runtime, row);
  return { message: { ...messageOf(row), history: history.map(shown) } };
}

const shown = ({ answer: _, ...entry }: HistoryEntry): z.infer<typeof messageHistoryEntry> => entry;
