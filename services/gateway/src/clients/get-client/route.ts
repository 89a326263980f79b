import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { answerRead } from '../../reading/answer-read.ts';
import { loadClient } from '../../reading/load-entity.ts';
import { client } from '../../schemas/client.ts';
import { idParameter } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/clients/{id}`,
  tags: ['Clients'],
  summary: 'Read a client',
  request: { params: idParameter },
  responses: { 200: json('The client, read from the log: never stale', client), ...problems(404, 422) },
});

export function serveGetClient(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const found = await loadClient(dependencies.broker, context.req.valid('param').id);
    if (found === null) return answerProblem(refusalProblem({ code: 'client-not-found' }));
    return answerRead(found, context.req.header('If-None-Match'));
  });
}
