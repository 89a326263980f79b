import { message, messageHistoryEntry, messageQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';
import { askService } from '../../reading/reach-broker.ts';

const messageWithHistory = message
  .extend({ history: z.array(messageHistoryEntry) })
  .openapi('MessageWithHistory');

const messageParameter = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be a whole number from 1')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1 }),
});

const route = createRoute({
  method: 'get',
  path: `${API}/messages/{id}`,
  tags: ['Messages'],
  summary: 'Read a message and its history',
  request: { params: messageParameter },
  responses: {
    200: json('The message, every attempt, when, and what the provider answered', messageWithHistory),
    ...problems(404, 422),
  },
});

export function serveGetMessage(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const messageId = context.req.valid('param').id;
    const { message: found } = await askService(dependencies, messageQuery, { messageId });
    if (found === null) return answerProblem(makeProblem('message-not-found', `No message ${messageId}.`));
    return Response.json(found);
  });
}
