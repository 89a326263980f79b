import { cancelRebuildQuery, rebuildQuery } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';
import { askService } from '../../reading/reach-broker.ts';
import { rebuildSchema } from './rebuild-schema.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/admin/stats/rebuild`,
  tags: ['Operation'],
  summary: 'How far a rebuild of the statistics is, and what it found',
  responses: { 200: json('The one that runs, or the last one', rebuildSchema), ...problems(404) },
});

const cancel = createRoute({
  method: 'delete',
  path: `${API}/admin/stats/rebuild`,
  tags: ['Operation'],
  summary: 'Give the job up that runs',
  description:
    'The generation that is served stays. What was folded for a rebuild is kept until it is dropped.',
  responses: { 204: { description: 'It is given up' }, ...problems(404) },
});

export function serveRebuildProgress(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async () => {
    const { job } = await askService(dependencies, rebuildQuery, {});
    if (job === null) return answerProblem(makeProblem('rebuild-not-found', 'There never was one.'));
    return Response.json(job);
  });
  serveRoute(app, cancel, dependencies.bodies, async () => {
    const { isCancelled } = await askService(dependencies, cancelRebuildQuery, {});
    if (!isCancelled) return answerProblem(makeProblem('rebuild-not-found', 'No job runs.'));
    return new Response(null, { status: 204 });
  });
}
