import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { answerRead } from '../../reading/answer-read.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { mailing, presentMailing } from '../../schemas/mailing.ts';
import { idParameter } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}`,
  tags: ['Mailings'],
  summary: 'Read a mailing',
  request: { params: idParameter },
  responses: { 200: json('The mailing, read from the log: never stale', mailing), ...problems(404, 422) },
});

export function serveGetMailing(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const found = await loadMailing(dependencies.broker, context.req.valid('param').id);
    // Decided by its status: a deleted mailing may still be settled, and that is its last event then.
    const shown = found === null ? null : presentMailing(found);
    if (shown === null) return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    return answerRead(shown, context.req.header('If-None-Match'));
  });
}
