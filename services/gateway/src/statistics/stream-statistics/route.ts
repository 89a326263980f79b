import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { answeredDirectly, beginDirectAnswer, onceOver } from '../../http/direct-answer.ts';
import { directRequestOf } from '../../http/direct-request.ts';
import { API, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem, ProblemError } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { EventStream } from './event-stream.ts';
import { readSnapshot } from './read-snapshot.ts';
import { StatisticsHub } from './statistics-hub.ts';

const EXAMPLE =
  'retry: 2371\n\nid: 0Hq1…\nevent: stats\ndata: {"mailing":"88db4d2c-…","status":"running","planned":3001,"counts":{…},…}\n\n:\n\nevent: end\ndata: {"status":"completed"}\n\n';

const route = createRoute({
  method: 'get',
  path: `${API}/mailings/{id}/stream`,
  tags: ['Statistics'],
  summary: 'Watch the statistics of a mailing (Server-Sent Events)',
  description:
    'An event `stats` at once, with what `GET /mailings/{id}/stats` answers, and another one whenever it has changed: 10 a second at most, less often where many watch. A comment comes every 15 s. `Last-Event-ID`, as `EventSource` sends it, leaves out the first event where nothing has changed since. The stream ends by itself after 10 to 15 minutes, and `EventSource` opens it again. When nothing will change any more (the mailing is settled) the last `stats` is followed by `end`; who comes again with its id is answered 204, which ends `EventSource` for good.',
  request: {
    params: idParameter,
    headers: z.object({
      'Last-Event-ID': z
        .string()
        .max(100)
        .optional()
        .openapi({ description: 'The `id` of the last event that was read' }),
    }),
  },
  responses: {
    200: {
      description: 'The stream',
      content: { 'text/event-stream': { schema: z.string().openapi({ example: EXAMPLE }) } },
    },
    204: { description: 'Nothing has changed since that event, and nothing will' },
    ...problems(404, 422),
  },
});

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // A proxy that gathers what it passes on would pass on nothing.
  'X-Accel-Buffering': 'no',
  Connection: 'close',
};

/** Readers that a gateway has lost come again within these milliseconds, not all at once. */
const RETRY_MS = { from: 1_000, to: 4_000 };

export function serveStreamStatistics(app: GatewayApp, dependencies: GatewayDependencies): void {
  const { broker, log, metrics, stopping } = dependencies;
  const limits = dependencies.limits.streams;
  const now = (): number => performance.now();
  const read = (mailingId: string) => readSnapshot(dependencies, mailingId);
  const hub = new StatisticsHub({ broker, log, metrics, limits, read, now });
  stopping.addEventListener('abort', () => hub.close(), { once: true });
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const seen = context.req.valid('header')['Last-Event-ID'];
    const giveBack = hub.isOpen ? hub.room.take(1) : undefined;
    if (giveBack === undefined) {
      throw new ProblemError(makeProblem('overloaded', 'Too many streams are open at this moment.'));
    }
    let leave = giveBack;
    try {
      const topic = await hub.attend(context.req.valid('param').id);
      leave = () => {
        hub.leave(topic);
        giveBack();
      };
      const { snapshot } = topic;
      if (snapshot == null) return answerProblem(refusalProblem({ code: 'mailing-not-found' }));
      if (snapshot.isOver && snapshot.id === seen) return new Response(null, { status: 204 });
      const request = directRequestOf(context);
      if (request.incoming.method === 'HEAD') return answeredDirectly(HEADERS);
      const { outgoing } = request;
      const stream = new EventStream({
        outgoing,
        newest: topic.newest,
        seen,
        endsAt: now() + between(limits.lifeMs.from, limits.lifeMs.to),
        heartbeatMs: limits.heartbeatMs,
        betweenMs: limits.betweenMs,
        onRoom: () => hub.wake(stream),
        now,
      });
      const left = leave;
      leave = () => {};
      beginDirectAnswer(request, HEADERS, { countsAsRequest: false });
      outgoing.write(`retry: ${Math.round(between(RETRY_MS.from, RETRY_MS.to))}\n\n`);
      hub.add(topic, stream);
      onceOver(request, () => {
        hub.remove(topic, stream);
        left();
      });
      return answeredDirectly(HEADERS);
    } finally {
      leave();
    }
  });
}

const between = (from: number, to: number): number => from + Math.random() * (to - from);
