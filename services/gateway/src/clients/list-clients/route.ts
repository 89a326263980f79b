import { clientsQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { collectPage } from '../../reading/collect-page.ts';
import { askService } from '../../reading/reach-broker.ts';
import { operatorCode, phone, tag } from '../../schemas/client.ts';
import { encodeCursor } from '../../schemas/cursor.ts';
import { clientList } from '../../schemas/lists.ts';
import { limitOf, pageById } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/clients`,
  tags: ['Clients'],
  summary: 'List clients',
  request: {
    query: pageById.extend({
      operatorCode: operatorCode.optional(),
      tag: tag.optional(),
      phone: phone.optional(),
      unreadableTimezone: z
        .literal('true')
        .transform(() => true as const)
        .optional()
        .openapi({
          type: 'boolean',
          enum: [true],
          description:
            'Only clients whose stored time zone cannot be read: mailings with a window fail for them',
        }),
    }),
  },
  responses: { 200: json('A page of the directory, by id', clientList), ...problems(422) },
});

export function serveListClients(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { limit: _, cursor, ...filter } = context.req.valid('query');
    const page = await collectPage(limitOf(context.req.valid('query')), cursor ?? null, (limit, after) =>
      askService(dependencies, clientsQuery, { ...filter, limit, after }),
    );
    return Response.json({ items: page.items, nextCursor: encodeCursor(page.next), asOf: page.first.asOf });
  });
}
