/** What every service stands on: configuration, logs, metrics, health, the broker, queries, and an orderly stop. */
export { csvRow } from './csv.ts';
export { type Check, Health } from './health.ts';
export { createLogger, type Logger, maskPhone } from './logger.ts';
export { createMetrics } from './metrics.ts';
export { askAll, askInstances } from './monitor.ts';
export { answerOps, type OpsAnswer } from './ops-server.ts';
export { ask, QueryUnavailableError, serveQuery } from './query.ts';
export { runService, type ServiceDefinition } from './run-service.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
export { type CommonConfig, commonConfig, natsSettings } from './settings/common-config.ts';
export { headerValue } from './settings/header-value.ts';
export { gatewayAddress, isLoopbackHost, refuseExposedHost } from './settings/listen-address.ts';
export { natsAccess } from './settings/nats-access.ts';
export { ConfigurationError, readConfig } from './settings/read-config.ts';
export { redactUrl } from './settings/redact-url.ts';
export { databaseUrl, httpUrl } from './settings/urls.ts';
