import { type MessageStatus, messagesQuery } from '@herald/contracts';
import type { GatewayDependencies } from '../http/context.ts';
import { collectPage } from '../reading/collect-page.ts';
import { askService } from '../reading/reach-broker.ts';
import { encodeCursor } from '../schemas/cursor.ts';
import { limitOf } from '../schemas/parameters.ts';

interface MessageFilter {
  readonly mailingId?: string;
  readonly clientId?: string | undefined;
  readonly status?: MessageStatus | undefined;
}

/** Answers a page of messages, in the order of their ids. */
export async function listMessages(
  dependencies: GatewayDependencies,
  filter: MessageFilter,
  query: { limit?: number | undefined; cursor?: number | undefined },
): Promise<Response> {
  const page = await collectPage(limitOf(query), query.cursor ?? null, (limit, after) =>
    askService(dependencies, messagesQuery, { ...filter, limit, after }),
  );
  return Response.json({ items: page.items, nextCursor: encodeCursor(page.next), asOf: page.first.asOf });
}
