import type { createRoute, RouteHandler } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { problem } from '../problems/problem.ts';
import { problemKinds } from '../problems/problem-codes.ts';
import type { JsonBodyBounds } from './body-bounds.ts';
import { type GatewayApp, type GatewayEnv, noteAbout } from './context.ts';
import { readJsonBody } from './json-body.ts';

type Route = ReturnType<typeof createRoute>;
type ContextOf<R extends Route> = Parameters<RouteHandler<R, GatewayEnv>>[0];

/** Every path of the API begins so. */
export const API = '/api/v1';

/** The query of a call that says nothing of one: whatever stands there its sender takes for understood, wrongly. */
const NO_PARAMETERS = z.strictObject({});

/**
 * Serves a route: what its schemas say is checked before the handler runs and typed inside it, and documented.
 *
 * @param bodies what a JSON body may be
 */
export function serveRoute<R extends Route>(
  app: GatewayApp,
  route: R,
  bodies: JsonBodyBounds,
  handle: (context: ContextOf<R>) => Promise<Response>,
): void {
  const nameRoute: MiddlewareHandler<GatewayEnv> = async (context, next) => {
    context.set('route', route.path);
    await next();
  };
  const about = nameOfId(route.path);
  const handleNamed = (context: ContextOf<R>): Promise<Response> => {
    // Only now the id is known to be one: somebody may have put a phone in its place.
    const id = context.req.param('id');
    if (id !== undefined && about !== undefined) noteAbout(context, { [about]: id });
    return handle(context);
  };
  const types = jsonTypes(route);
  const middleware = types.length === 0 ? [nameRoute] : [nameRoute, readJsonBody(types, bodies)];
  const request = { query: NO_PARAMETERS, ...route.request };
  // The library types every answer by its status; ours come from outcomes, through switches that are exhaustive.
  app.openapi({ ...route, request, middleware }, handleNamed as unknown as RouteHandler<R, GatewayEnv>);
}

function jsonTypes(route: Route): string[] {
  const types = Object.keys(route.request?.body?.content ?? {});
  return types.filter((type) => /[/+]json$/.test(type));
}

/** What the `{id}` of a route names, for the log. */
function nameOfId(path: string): string | undefined {
  return /\/(client|mailing|message|command|import)s\/\{id\}/.exec(path)?.[1]?.concat('Id');
}

type DocumentedProblem = 400 | 403 | 404 | 408 | 409 | 412 | 413 | 415 | 422 | 500 | 503;

interface ProblemResponse {
  readonly description: string;
  readonly headers?: z.ZodObject;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problem } };
}

const HEADERS_OF_503 = z.object({
  'Retry-After': z.string().openapi({ description: 'Seconds to wait before the next try' }),
  Location: z
    .string()
    .optional()
    .openapi({ description: 'acceptance-unknown, import-interrupted: where to ask what became of it' }),
});

/** The problems of a route for its documentation, with the codes that each status may carry. */
export function problems(...statuses: DocumentedProblem[]): Record<number, ProblemResponse> {
  const all: DocumentedProblem[] = [400, 403, ...statuses, 500, 503];
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: codesOf(status),
        content: { 'application/problem+json': { schema: problem } },
        ...(status === 503 ? { headers: HEADERS_OF_503 } : {}),
      },
    ]),
  );
}

const codesOf = (status: number): string =>
  Object.entries(problemKinds)
    .filter(([, kind]) => kind.status === status)
    .map(([code]) => `\`${code}\``)
    .join(', ');

/** An answer of JSON, for the documentation. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});
