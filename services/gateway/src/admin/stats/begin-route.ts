import { beginRebuildQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { askService } from '../../reading/reach-broker.ts';
import { rebuildSchema } from './rebuild-schema.ts';
import { answerGenerationRefusal } from './refusal.ts';

const lanes = z
  .enum(['1', '16'], 'must be 1 or 16')
  .transform((value) => (value === '1' ? 1 : 16) as 1 | 16)
  .optional()
  .openapi({
    type: 'integer',
    enum: [1, 16],
    description: 'Into how many lanes it is cut; as now when absent',
  });

const begun = (description: string) => ({ 202: json(description, rebuildSchema), ...problems(409, 422) });
const query = z.strictObject({ lanes });

/** Where its progress is to be found. */
const LOCATION = `${API}/admin/stats/rebuild`;

const rebuild = createRoute({
  method: 'post',
  path: `${API}/admin/stats/rebuild`,
  tags: ['Operation'],
  summary: 'Fold the statistics anew from the log',
  description:
    'A new generation is folded beside the one that is served, compared with it, and served from then on. What is asked ' +
    'meanwhile is answered from the old one, which is kept. A second call joins the rebuild that runs.',
  request: { query },
  responses: begun('It has begun, or runs already'),
});

const verify = createRoute({
  method: 'post',
  path: `${API}/admin/stats/verify`,
  tags: ['Operation'],
  summary: 'Prove that the statistics are what the log says',
  description:
    'Folds a generation beside the one that is served, compares both, and drops it again. Nothing else changes.',
  request: { query },
  responses: begun('It has begun, or runs already'),
});

export function serveBeginRebuild(app: GatewayApp, dependencies: GatewayDependencies): void {
  for (const [route, kind] of [
    [rebuild, 'rebuild'],
    [verify, 'verify'],
  ] as const) {
    serveRoute(app, route, dependencies.bodies, async (context) => {
      const wish = { kind, lanes: context.req.valid('query').lanes ?? null };
      const { job, refusal } = await askService(dependencies, beginRebuildQuery, wish);
      if (refusal !== null) return answerGenerationRefusal(refusal);
      return Response.json(job, { status: 202, headers: { Location: LOCATION } });
    });
  }
}
