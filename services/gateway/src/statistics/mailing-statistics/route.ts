import { type Mailing, mailingStatsQuery, messageCounts } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { askService } from '../../reading/reach-broker.ts';
import { countsSchema } from '../../schemas/lists.ts';
import { idParameter } from '../../schemas/parameters.ts';

const moment = z.string().openapi({ format: 'date-time' });

const mailingStatistics = z
  .object({
    mailing: z.uuid(),
    status: z.enum(['scheduled', 'running', 'paused', 'completed', 'expired', 'deleted']),
    audienceResolved: z.boolean(),
    planned: z.int(),
    counts: countsSchema,
    retries: z.int(),
    firstSentAt: moment.nullable(),
    lastSentAt: moment.nullable(),
    timeline: z.array(messageCounts.omit({ queued: true }).extend({ at: moment })),
    asOf: moment,
  })
  .openapi('MailingStatistics');
export type MailingStatistics = z.infer<typeof mailingStatistics>;

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/stats`,
  tags: ['Statistics'],
  summary: 'Statistics of one mailing',
  request: { params: idParameter },
  responses: {
    200: json('Its counts and a row a minute; readable after its deletion too', mailingStatistics),
    ...problems(404, 422),
  },
});

export function serveMailingStatistics(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const stats = await readStatistics(dependencies, context.req.valid('param').id);
    if (stats === null) return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    return Response.json(stats);
  });
}

/** The statistics of a mailing as they are answered; `null` where there never was such a mailing. */
export async function readStatistics(
  dependencies: GatewayDependencies,
  mailingId: string,
): Promise<MailingStatistics | null> {
  const { stats } = await askService(dependencies, mailingStatsQuery, { mailingId });
  if (stats !== null) {
    const { name: _, ...shown } = stats;
    return shown;
  }
  // The read model may not have met a mailing that was just created; who created it must not be told 404.
  const inLog = await loadMailing(dependencies.broker, mailingId);
  return inLog === null ? null : nothingYet(inLog);
}

/** Before its creation there was nothing to count: that is the time to which this is current. */
const nothingYet = (mailing: Mailing): MailingStatistics => ({
  mailing: mailing.id,
  status: mailing.status,
  audienceResolved: false,
  planned: 0,
  counts: { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  retries: 0,
  firstSentAt: null,
  lastSentAt: null,
  timeline: [],
  asOf: mailing.createdAt,
});
