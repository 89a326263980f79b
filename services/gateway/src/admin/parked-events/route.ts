import { parkedEvent, redriveDirectoryQuery, redriven, redriveStatsQuery } from '@herald/contracts';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';
import { askService } from '../../reading/reach-broker.ts';
import { encodeCursor } from '../../schemas/cursor.ts';
import { named } from '../../schemas/named.ts';
import { limitOf, pageParameters } from '../../schemas/parameters.ts';
import { listParked, parkedCursor } from './list-parked.ts';

const PATH = `${API}/admin/parked-events`;
/** `<model>.<fold>.<position>` */
const PARKED_ID = /^(directory|stats)\.([A-Za-z0-9_-]{1,100})\.([1-9]\d{0,14})$/;

const listRoute = createRoute({
  method: 'get',
  path: PATH,
  tags: ['Operation'],
  summary: 'List the events that a fold could not read or write',
  description: 'They stand in the log, and their model is without them until they are driven again.',
  request: { query: pageParameters(parkedCursor) },
  responses: {
    200: json(
      'A page of them, by model and position. `unavailable` names the models that did not answer',
      z
        .object({
          items: z.array(named(parkedEvent, 'ParkedEvent')),
          nextCursor: z.string().nullable().openapi({ description: 'Null on the last page' }),
          unavailable: z.array(parkedEvent.shape.model),
        })
        .openapi('ParkedEventList'),
    ),
    ...problems(422),
  },
});

const redriveRoute = createRoute({
  method: 'post',
  path: `${PATH}/{id}/redrive`,
  tags: ['Operation'],
  summary: 'Fold a parked event again, in its place',
  description:
    'What came later of the same client or mailing wins. `folded`: it counts now. `parked`: it still cannot be folded, `error` ' +
    'says why. `rebuilding`: the model is rebuilt for it.',
  request: {
    params: z.strictObject({
      id: z
        .string()
        .regex(PARKED_ID, 'must be the id of a parked event')
        .openapi({ example: 'directory.entities.4711' }),
    }),
  },
  responses: {
    202: json(
      'What becomes of it',
      z
        .object({
          id: z.string(),
          outcome: redriven.shape.outcome.exclude(['not-found']),
          error: redriven.shape.error,
        })
        .openapi('Redriven'),
    ),
    ...problems(404, 422),
  },
});

export function serveParkedEvents(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, listRoute, dependencies.bodies, async (context) => {
    const query = context.req.valid('query');
    const { items, next, unavailable } = await listParked(dependencies, limitOf(query), query.cursor ?? null);
    return Response.json({ items, nextCursor: encodeCursor(next), unavailable });
  });
  serveRoute(app, redriveRoute, dependencies.bodies, async (context) => {
    const { id } = context.req.valid('param');
    const [, model, fold = '', position = '0'] = PARKED_ID.exec(id) ?? [];
    const query = model === 'stats' ? redriveStatsQuery : redriveDirectoryQuery;
    const { outcome, error } = await askService(dependencies, query, { fold, position: Number(position) });
    if (outcome === 'not-found')
      return answerProblem(makeProblem('parked-event-not-found', 'No such event is parked.'));
    return Response.json({ id, outcome, error }, { status: 202 });
  });
}
