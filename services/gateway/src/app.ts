import type { Runtime } from '@herald/service-kit';
import { OpenAPIHono } from '@hono/zod-openapi';
import { Counter } from 'prom-client';
import { ResultListener } from './commands/result-listener.ts';
import type { GatewayConfig } from './config.ts';
import { FileAnswers } from './files/file-answers.ts';
import { observeRequests } from './http/access-log.ts';
import { Allowance } from './http/allowance.ts';
import { answerFailure } from './http/answer-failure.ts';
import { answerUnmatched } from './http/answer-unmatched.ts';
import { checkUrl } from './http/check-url.ts';
import type { GatewayApp, GatewayDependencies, GatewayEnv } from './http/context.ts';
import { correlate } from './http/correlation.ts';
import { exposureOf } from './http/exposure.ts';
import { GATEWAY_LIMITS, type GatewayLimits } from './http/limits.ts';
import { LoopTurns } from './http/loop-turns.ts';
import { watchStreams } from './http/operational-routes.ts';
import { RefusalSummary } from './http/refusal-summary.ts';
import { refuseForeign } from './http/refuse-foreign.ts';
import { type HttpServer, serveHttp } from './http/server.ts';
import { ProblemError } from './problems/problem.ts';
import { validationProblem } from './problems/validation-problem.ts';
import { serveAllRoutes } from './routes.ts';

/** What tests set otherwise. */
export interface GatewayOverrides {
  readonly now?: () => Date;
  readonly limits?: Partial<GatewayLimits>;
}

/** Composes the gateway on a runtime and serves it until the runtime stops. */
export async function startGateway(
  runtime: Runtime,
  config: GatewayConfig,
  { now = () => new Date(), limits: others = {} }: GatewayOverrides = {},
): Promise<HttpServer> {
  const { broker, writer, log, metrics, health } = runtime;
  watchStreams(health, broker, writer);
  const results = new ResultListener(broker, log, metrics);
  const stopping = new AbortController();
  const exposure = exposureOf(config.HOST);
  const limits = { ...GATEWAY_LIMITS, ...others };
  const turns = new LoopTurns();
  const imports = new Allowance(limits.imports);
  const together = new Allowance(limits.bodyBytes);
  const bodies = { bytes: config.BODY_LIMIT_BYTES, ms: limits.bodyMs, together, turns };
  const app = composeApp({
    broker,
    writer,
    results,
    log,
    metrics,
    health,
    commandWaitMs: config.COMMAND_WAIT_MS,
    queryWaitMs: config.QUERY_WAIT_MS,
    bodies,
    logPages: new Allowance(limits.logPages),
    exposure,
    limits,
    turns,
    imports,
    files: new FileAnswers({ limits: limits.files, log, metrics, stopping: stopping.signal }),
    now,
    stopping: stopping.signal,
  });
  const refused = new Counter({
    name: 'herald_http_refused_total',
    help: 'Requests refused before they were looked at, by the code of the problem; `connection`: not accepted.',
    labelNames: ['code'],
    registers: [metrics],
  });
  const summary = new RefusalSummary(log);
  const { HOST: host, PORT: port } = config;
  const server = await serveHttp(app, {
    host,
    port,
    limits,
    turns,
    bodies,
    imports,
    onRefused: (code) => {
      refused.inc({ code });
      summary.add(code);
    },
  });
  runtime.onStop('results', () => results.close());
  runtime.onStop('http', () => server.stop());
  runtime.onStop('refusals', async () => summary.tell());
  runtime.onStop('waiting', () => stopping.abort());
  log.info({ host, port: server.port }, 'HTTP is served');
  if (exposure === 'network') log.warn({ host }, 'AUTH=open: whoever reaches this may do everything');
  return server;
}

function composeApp(dependencies: GatewayDependencies): GatewayApp {
  const app: GatewayApp = new OpenAPIHono<GatewayEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      throw new ProblemError(validationProblem(result.error.issues, result.target === 'header'));
    },
  });
  app.use(
    correlate,
    observeRequests(dependencies.log, dependencies.metrics),
    refuseForeign(dependencies.exposure),
    checkUrl,
  );
  app.onError((error, context) => answerFailure(error, context, dependencies));
  app.notFound((context) => answerUnmatched(app, context));
  serveAllRoutes(app, dependencies);
  return app;
}
