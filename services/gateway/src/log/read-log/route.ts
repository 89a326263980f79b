import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { pageByNumber, wholeNumber } from '../../schemas/parameters.ts';
import { answerLog, logEntryList } from '../answer-log.ts';

const MOST = 1_000;

const query = pageByNumber
  .extend({
    after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .openapi({ description: 'Only what stands behind this position' }),
    last: wholeNumber(1, MOST)
      .optional()
      .openapi({ description: 'The newest ones, so many, or fewer where they are large' }),
  })
  .superRefine(({ after, last, cursor, limit }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (cursor !== undefined && after !== undefined) refuse('after', 'excludes cursor');
    if (last === undefined) return;
    if (cursor !== undefined || after !== undefined) refuse('last', 'excludes after and cursor');
    if (limit !== undefined) refuse('limit', 'excludes last');
  });

const route = createRoute({
  method: 'get',
  path: `${API}/log`,
  tags: ['Operation'],
  summary: 'The log of all clients and mailings',
  description:
    'Who did what, when: every event of every client and mailing, the oldest first. To follow it, ask again `after` the position of the last entry. What was recorded about messages is read by mailing or by message.',
  request: { query },
  responses: { 200: json('A page of events, by position', logEntryList), ...problems(422) },
});

export function serveReadLog(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { limit, after, last, cursor } = context.req.valid('query');
    return answerLog(dependencies, { kind: 'all' }, { limit, last, after: after ?? cursor });
  });
}
