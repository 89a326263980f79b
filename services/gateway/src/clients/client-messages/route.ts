import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { listMessages } from '../../messages/list-messages.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { wasClient } from '../../reading/load-entity.ts';
import { messageList } from '../../schemas/lists.ts';
import { idParameter, pageByNumber } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/clients/{id}/messages`,
  tags: ['Clients'],
  summary: 'List what a client was sent',
  request: { params: idParameter, query: pageByNumber },
  responses: {
    200: json('A page of its messages, by id; readable after its removal too', messageList),
    ...problems(404, 422),
  },
});

export function serveClientMessages(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const clientId = context.req.valid('param').id;
    if (!(await wasClient(dependencies.broker, clientId))) {
      return answerProblem(refusalProblem({ code: 'client-not-found' }));
    }
    return listMessages(dependencies, { clientId }, context.req.valid('query'));
  });
}
