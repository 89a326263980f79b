import type { Runtime } from '@herald/service-kit';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayConfig } from './config.ts';
import { observeRequests } from './http/access-log.ts';
import { answerFailure } from './http/answer-failure.ts';
import { answerUnmatched } from './http/answer-unmatched.ts';
import { checkUrl } from './http/check-url.ts';
import type { GatewayApp, GatewayEnv, GatewayParts } from './http/context.ts';
import { correlate } from './http/correlation.ts';
import { exposureOf } from './http/exposure.ts';
import { watchStreams } from './http/operational-routes.ts';
import { refuseForeign } from './http/refuse-foreign.ts';
import { type HttpServer, serveHttp } from './http/server.ts';
import { ProblemError } from './problems/problem.ts';
import { validationProblem } from './problems/validation-problem.ts';
import { serveAllRoutes } from './routes.ts';

/** Composes the gateway on a runtime and serves it until the runtime stops. */
export async function startGateway(
  runtime: Runtime,
  config: GatewayConfig,
  now: () => Date = () => new Date(),
): Promise<HttpServer> {
  const { broker, writer, log, metrics, health } = runtime;
  watchStreams(health, broker, writer);
  const stopping = new AbortController();
  const exposure = exposureOf(config.HOST);
  const app = composeApp({
    broker,
    writer,
    log,
    metrics,
    health,
    commandWaitMs: config.COMMAND_WAIT_MS,
    queryWaitMs: config.QUERY_WAIT_MS,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    exposure,
    now,
    stopping: stopping.signal,
  });
  const server = await serveHttp(app, config.HOST, config.PORT);
  runtime.onStop('http', () => server.stop());
  runtime.onStop('waiting', () => stopping.abort());
  log.info({ host: config.HOST, port: server.port }, 'HTTP is served');
  if (exposure === 'network')
    log.warn({ host: config.HOST }, 'AUTH=open: whoever reaches this may do everything');
  return server;
}

function composeApp(parts: GatewayParts): GatewayApp {
  const app: GatewayApp = new OpenAPIHono<GatewayEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      throw new ProblemError(validationProblem(result.error.issues, result.target === 'header'));
    },
  });
  app.use(correlate, observeRequests(parts.log, parts.metrics), refuseForeign(parts.exposure), checkUrl);
  app.onError((error, context) => answerFailure(error, context, parts));
  app.notFound((context) => answerUnmatched(app, context));
  serveAllRoutes(app, parts);
  return app;
}
