import { mailingOverview, mailingStatus, overviewQuery } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { collectPage } from '../../reading/collect-page.ts';
import { askService } from '../../reading/reach-broker.ts';
import { encodeCursor } from '../../schemas/cursor.ts';
import { countsSchema, listOf } from '../../schemas/lists.ts';
import { limitOf, pageByMailing } from '../../schemas/parameters.ts';
import { pastMoment } from '../past-moment.ts';

const overview = listOf(mailingOverview.extend({ counts: countsSchema }).openapi('MailingOverview'))
  .extend({ totals: countsSchema.extend({ planned: z.int() }) })
  .openapi('Overview');

const route = createRoute({
  method: 'get',
  path: `${API}/stats`,
  tags: ['Statistics'],
  summary: 'Statistics over all mailings',
  request: { query: pageByMailing.extend({ status: mailingStatus.optional(), at: pastMoment.optional() }) },
  responses: {
    200: json(
      'A page of mailings with their counts, newest first, and the totals over all of them',
      overview,
    ),
    ...problems(422),
  },
});

export function serveOverview(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const query = context.req.valid('query');
    const page = await collectPage(limitOf(query), query.cursor ?? null, (limit, after) =>
      askService(dependencies, overviewQuery, { status: query.status, at: query.at, limit, after }),
    );
    const { asOf, totals } = page.first;
    return Response.json({ items: page.items, nextCursor: encodeCursor(page.next), asOf, totals });
  });
}
