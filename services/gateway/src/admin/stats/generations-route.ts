import { beginRebuildQuery, dropGenerationQuery, generationsQuery, statsGeneration } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { askService } from '../../reading/reach-broker.ts';
import { rebuildSchema } from './rebuild-schema.ts';
import { answerGenerationRefusal } from './refusal.ts';

const PATH = `${API}/admin/stats/generations`;
const MOST = 999_999_999;

const number = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, `must be a whole number from 1 to ${MOST}`)
  .transform(Number)
  .openapi({ type: 'integer', minimum: 1, maximum: MOST });
const params = z.strictObject({ generation: number });

const list = createRoute({
  method: 'get',
  path: PATH,
  tags: ['Operation'],
  summary: 'The generations of the statistics that are there',
  responses: {
    200: json(
      'The newest first',
      z.object({ items: z.array(statsGeneration.clone().openapi('StatisticsGeneration')) }),
    ),
    ...problems(),
  },
});

const use = createRoute({
  method: 'post',
  path: `${PATH}/{generation}/use`,
  tags: ['Operation'],
  summary: 'Serve the statistics from a generation that was kept',
  description: 'It is folded up to the end of the log and compared first, as in a rebuild.',
  request: { params },
  responses: { 202: json('It has begun, or runs already', rebuildSchema), ...problems(404, 409, 422) },
});

const drop = createRoute({
  method: 'delete',
  path: `${PATH}/{generation}`,
  tags: ['Operation'],
  summary: 'Drop a generation that is neither served nor in work',
  request: { params },
  responses: { 204: { description: 'It is gone' }, ...problems(404, 409, 422) },
});

export function serveGenerations(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, list, dependencies.bodies, async () =>
    Response.json(await askService(dependencies, generationsQuery, {})),
  );
  serveRoute(app, use, dependencies.bodies, async (context) => {
    const { generation } = context.req.valid('param');
    const { job, refusal } = await askService(dependencies, beginRebuildQuery, { kind: 'use', generation });
    if (refusal !== null) return answerGenerationRefusal(refusal);
    return Response.json(job, { status: 202, headers: { Location: `${API}/admin/stats/rebuild` } });
  });
  serveRoute(app, drop, dependencies.bodies, async (context) => {
    const { refusal } = await askService(dependencies, dropGenerationQuery, context.req.valid('param'));
    return refusal === null ? new Response(null, { status: 204 }) : answerGenerationRefusal(refusal);
  });
}
