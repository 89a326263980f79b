import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { importState } from '../../schemas/import-result.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { findImport } from '../find-import.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/imports/{id}`,
  tags: ['Clients'],
  summary: 'Follow an import, or see what became of it',
  description: 'Kept for 14 days, like the results of all writes.',
  request: { params: idParameter },
  responses: {
    200: json('The import: while it runs with what has become of it so far', importState),
    ...problems(404, 422),
  },
});

export function serveGetImport(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) =>
    Response.json(await findImport(dependencies, context.req.valid('param').id)),
  );
}
