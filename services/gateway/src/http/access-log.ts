import type { Logger } from '@herald/service-kit';
import type { MiddlewareHandler } from 'hono';
import { Histogram, type Registry } from 'prom-client';
import type { GatewayEnv } from './context.ts';

type Level = 'debug' | 'info' | 'warn';

/**
 * One line a request, and its duration as a metric. Neither holds the path or the query: they may name a phone.
 */
export function observeRequests(log: Logger, metrics: Registry): MiddlewareHandler<GatewayEnv> {
  const durations = new Histogram({
    name: 'herald_http_request_duration_seconds',
    help: 'How long requests took, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [metrics],
  });
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    const durationMs = performance.now() - startedAt;
    const { method } = context.req;
    const { status } = context.res;
    const route = context.get('route');
    durations.observe({ method, route, status: String(status) }, durationMs / 1_000);
    log[levelOf(method, route, status)](
      {
        correlationId: context.get('correlationId'),
        method,
        route,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        ...context.get('about'),
      },
      'request',
    );
  };
}

const isApi = (route: string): boolean => route.startsWith('/api/');

function levelOf(method: string, route: string, status: number): Level {
  // The probes of an orchestrator answer 503 while a service is not ready: that is said once elsewhere.
  if (status >= 500) return isApi(route) ? 'warn' : 'debug';
  if (method !== 'GET' && method !== 'HEAD') return 'info';
  return status < 400 || !isApi(route) ? 'debug' : 'info';
}
