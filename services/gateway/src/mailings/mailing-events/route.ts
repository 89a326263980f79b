import { eventSubjects } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerLog, logEntryList } from '../../log/answer-log.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { isInLog } from '../../reading/reach-broker.ts';
import { flag, idParameter, pageByNumber } from '../../schemas/parameters.ts';

const messages = flag.openapi({
  description:
    'Whether the records about its messages are listed too, those that changed the counts of the mailing',
});

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/events`,
  tags: ['Mailings'],
  summary: 'List what happened to a mailing: who did what, when',
  request: { params: idParameter, query: pageByNumber.extend({ messages: messages.optional() }) },
  responses: {
    200: json('A page of its events, by position; readable after its deletion too', logEntryList),
    ...problems(404, 422),
  },
});

export function serveMailingEvents(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const mailingId = context.req.valid('param').id;
    if (!(await isInLog(dependencies.broker, eventSubjects.mailing(mailingId)))) {
      return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    }
    const { limit, cursor, messages: withMessages = false } = context.req.valid('query');
    return answerLog(dependencies, { kind: 'mailing', mailingId, withMessages }, { limit, after: cursor });
  });
}
