import {
  type BreakdownBy,
  breakdownBy,
  breakdownRow,
  type Mailing,
  mailingStatsQuery,
  messageCounts,
} from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { loadMailing } from '../../reading/load-entity.ts';
import { askService } from '../../reading/reach-broker.ts';
import { countsSchema } from '../../schemas/lists.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { pastMoment } from '../past-moment.ts';

const moment = z.string().openapi({ format: 'date-time' });

const by = breakdownBy.clone().openapi({
  description:
    'Counts by the code, the tag or the zone that clients had when the mailing started, or by the hour of their own day in which the message ended',
});

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
    ratePerSecond: z
      .number()
      .nullable()
      .openapi({ description: 'Messages that ended a second, of late; null where none are sent now' }),
    expectedEndAt: moment.nullable().openapi({
      description:
        'When the last message would have ended at this rate; the end of the mailing may come before',
    }),
    timelineSeconds: z.int().openapi({ description: 'How long a row of the timeline is' }),
    timeline: z.array(messageCounts.omit({ queued: true }).extend({ at: moment })),
    breakdown: z
      .array(breakdownRow.extend({ counts: countsSchema }))
      .optional()
      .openapi({ description: 'With `by`: the counts of each value, the most frequent first' }),
    asOf: moment,
  })
  .openapi('MailingStatistics');
export type MailingStatistics = z.infer<typeof mailingStatistics>;

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/stats`,
  tags: ['Statistics'],
  summary: 'Statistics of one mailing',
  request: { params: idParameter, query: z.strictObject({ at: pastMoment.optional(), by: by.optional() }) },
  responses: {
    200: json(
      'Its counts, when messages ended, and how fast; readable after its deletion too',
      mailingStatistics,
    ),
    ...problems(404, 422),
  },
});

export function serveMailingStatistics(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { at, by } = context.req.valid('query');
    const stats = await readStatistics(dependencies, context.req.valid('param').id, { at, by });
    if (stats === null) return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
    return Response.json(stats);
  });
}

/** The statistics of a mailing as they are answered; `null` where there never was such a mailing, or none yet. */
export async function readStatistics(
  dependencies: GatewayDependencies,
  mailingId: string,
  { at, by }: { readonly at?: string | undefined; readonly by?: BreakdownBy | undefined } = {},
): Promise<MailingStatistics | null> {
  const { stats } = await askService(dependencies, mailingStatsQuery, { mailingId, at, by });
  if (stats !== null) {
    const { name: _, breakdown, ...shown } = stats;
    return breakdown === null ? shown : { ...shown, breakdown };
  }
  // The read model may not have met a mailing that was just created; who created it must not be told 404.
  const inLog = await loadMailing(dependencies.broker, mailingId);
  if (inLog === null || (at !== undefined && at < inLog.createdAt)) return null;
  return by === undefined ? nothingYet(inLog) : { ...nothingYet(inLog), breakdown: [] };
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
  ratePerSecond: null,
  expectedEndAt: null,
  timelineSeconds: 1,
  timeline: [],
  asOf: mailing.createdAt,
});
