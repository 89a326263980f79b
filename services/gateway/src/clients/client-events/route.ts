import { eventSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerLog, logEntryList } from '../../log/answer-log.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { isInLog } from '../../reading/reach-broker.ts';
import { idParameter, pageByNumber } from '../../schemas/parameters.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/clients/{id}/events`,
  tags: ['Clients'],
  summary: 'List what happened to a client: who did what, when',
  request: { params: idParameter, query: pageByNumber },
  responses: {
    200: json('A page of its events, by position; readable after its removal too', logEntryList),
    ...problems(404, 422),
  },
});

export function serveClientEvents(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const clientId = context.req.valid('param').id;
    if (!(await isInLog(dependencies.broker, eventSubjects.client(clientId)))) {
      return answerProblem(refusalProblem({ code: 'client-not-found' }));
    }
    const { limit, cursor } = context.req.valid('query');
    return answerLog(dependencies, { kind: 'client', clientId }, { limit, after: cursor });
  });
}
