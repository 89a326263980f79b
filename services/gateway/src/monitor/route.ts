import { askInstances } from '@herald/service-kit';
import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, GatewayDependencies } from '../http/context.ts';
import { API, json, problems, serveRoute } from '../http/route.ts';
import { BrokerUnavailableError, reachBroker } from '../reading/reach-broker.ts';
import { buildMonitorReport, monitorReport } from './monitor-report.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/monitor`,
  tags: ['Operation'],
  summary: 'The state of the dependencies, for people and dashboards',
  responses: {
    200: json('What every instance says of itself, and what follows from it', monitorReport),
    ...problems(),
  },
});

export function serveMonitor(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async () => {
    const reports = await reachBroker(dependencies.broker, () => askInstances(dependencies.broker));
    // We answer ourselves: where nobody does, it is the broker that stands still, and no service that is missing.
    if (reports.length === 0)
      throw new BrokerUnavailableError('it carries no question to this gateway itself');
    return Response.json(buildMonitorReport(reports, dependencies.now()));
  });
}
