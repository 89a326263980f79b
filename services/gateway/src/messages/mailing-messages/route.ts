import { messageStatus } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { messageList } from '../../schemas/lists.ts';
import { idParameter, pageByNumber } from '../../schemas/parameters.ts';
import { listMessages } from '../list-messages.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/messages`,
  tags: ['Messages'],
  summary: 'List the messages of a mailing',
  request: {
    params: idParameter,
    query: pageByNumber.extend({
      status: messageStatus.optional(),
      clientId: z.uuid('must be a UUID').optional(),
    }),
  },
  responses: {
    200: json('A page of its messages, by id; readable after its deletion too', messageList),
    ...problems(404, 422),
  },
});

export function serveMailingMessages(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const mailingId = context.req.valid('param').id;
    const { status, clientId, ...page } = context.req.valid('query');
    if ((await loadMailing(dependencies.broker, mailingId)) === null) {
      return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    }
    return listMessages(dependencies, { mailingId, clientId, status }, page);
  });
}
