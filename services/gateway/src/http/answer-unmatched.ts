import { answerProblem, makeProblem } from '../problems/problem.ts';
import type { GatewayApp, GatewayContext } from './context.ts';

/** Answers what no route takes: 405 with the methods that the path knows, or 404 when it knows none. */
export function answerUnmatched(app: GatewayApp, context: GatewayContext): Response {
  const allowed = methodsAt(app, context.req.path);
  if (allowed.length === 0) {
    return answerProblem(makeProblem('route-unknown', 'Look at /docs/ for what there is.'));
  }
  const allow = allowed.join(', ');
  return answerProblem(makeProblem('method-not-allowed', `Use ${allow}.`), { Allow: allow });
}

function methodsAt(app: GatewayApp, path: string): string[] {
  const methods = new Set<string>();
  for (const route of app.routes) {
    // Middleware stands for all methods; it is no answer.
    if (route.method === 'ALL' || !patternOf(route.path).test(path)) continue;
    methods.add(route.method);
    if (route.method === 'GET') methods.add('HEAD');
  }
  return [...methods].sort();
}

/** `/clients/:id` takes one segment of anything. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.+*?^$()[\]{}|\\]/g, '\\$&').replaceAll(/:[^/]+/g, '[^/]+')}$`);
