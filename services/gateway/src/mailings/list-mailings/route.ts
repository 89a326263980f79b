import { mailingStatus, mailingsQuery } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { collectPage } from '../../reading/collect-page.ts';
import { askService } from '../../reading/reach-broker.ts';
import { encodeCursor } from '../../schemas/cursor.ts';
import { mailingList } from '../../schemas/lists.ts';
import { presentMailing } from '../../schemas/mailing.ts';
import { limitOf, pageByMailing } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/mailings`,
  tags: ['Mailings'],
  summary: 'List mailings',
  request: { query: pageByMailing.extend({ status: mailingStatus.optional() }) },
  responses: { 200: json('A page of the mailings, newest first', mailingList), ...problems(422) },
});

export function serveListMailings(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const query = context.req.valid('query');
    const page = await collectPage(limitOf(query), query.cursor ?? null, (limit, after) =>
      askService(dependencies, mailingsQuery, { status: query.status, limit, after }),
    );
    const items = page.items.map(presentMailing).filter((shown) => shown !== null);
    return Response.json({ items, nextCursor: encodeCursor(page.next), asOf: page.first.asOf });
  });
}
