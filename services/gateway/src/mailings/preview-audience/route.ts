import { previewQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { askService } from '../../reading/reach-broker.ts';
import { filter } from '../../schemas/mailing.ts';

const preview = z
  .object({ clients: z.int(), byTimezone: z.record(z.string(), z.int()) })
  .openapi('AudiencePreview');

const route = createRoute({
  method: 'post',
  path: `${API}/mailings/preview`,
  tags: ['Mailings'],
  summary: 'Count who would get a mailing now',
  request: {
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ filter }) } } },
  },
  responses: {
    200: json('How many clients match, in all and by time zone', preview),
    ...problems(413, 415, 422),
  },
});

export function servePreviewAudience(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { clients, byTimezone } = await askService(dependencies, previewQuery, context.req.valid('json'));
    return Response.json({ clients, byTimezone });
  });
}
