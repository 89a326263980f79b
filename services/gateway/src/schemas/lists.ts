import { message, messageCounts } from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import { client } from './client.ts';
import { mailing } from './mailing.ts';
import { named } from './named.ts';

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({ description: 'Null on the last page' }),
    asOf: z.string().openapi({ description: 'The time that the data are current to', format: 'date-time' }),
  });

export const clientList = listOf(client).openapi('ClientList');
export const mailingList = listOf(mailing).openapi('MailingList');
export const messageSchema = named(message, 'Message');
export const messageList = listOf(messageSchema).openapi('MessageList');
export const countsSchema = named(messageCounts, 'MessageCounts');
export { listOf };
