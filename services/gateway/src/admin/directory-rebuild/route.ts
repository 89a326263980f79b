import { directoryRebuild, directoryRebuildQuery, startDirectoryRebuildQuery } from '@herald/contracts';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';
import { askService } from '../../reading/reach-broker.ts';
import { named } from '../../schemas/named.ts';

const rebuild = named(directoryRebuild, 'DirectoryRebuild');
const PATH = `${API}/admin/directory/rebuild`;

const startRoute = createRoute({
  method: 'post',
  path: PATH,
  tags: ['Operation'],
  summary: 'Make the directory of clients and the plans of mailings anew from the log',
  description:
    'The log is folded into tables beside the ones that are served, which are compared and replaced. Plans stay as the log has ' +
    'them. Writes and reads go on; at the end all writes wait for some tenths of a second. Who asks while one runs joins it.',
  responses: { 202: json('The rebuild that runs now', rebuild), ...problems() },
});

const progressRoute = createRoute({
  method: 'get',
  path: PATH,
  tags: ['Operation'],
  summary: 'How far the rebuild of the directory is, or what the last one came to',
  responses: { 200: json('The rebuild, with what differed', rebuild), ...problems(404) },
});

export function serveDirectoryRebuild(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, startRoute, dependencies.bodies, async () => {
    const started = await askService(dependencies, startDirectoryRebuildQuery, {});
    return Response.json(started.rebuild, { status: 202, headers: { Location: PATH } });
  });
  serveRoute(app, progressRoute, dependencies.bodies, async () => {
    const found = await askService(dependencies, directoryRebuildQuery, {});
    if (found.rebuild === null)
      return answerProblem(makeProblem('rebuild-not-found', 'The directory was never rebuilt.'));
    return Response.json(found.rebuild);
  });
}
