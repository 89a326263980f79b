/** Real servers without installation: found or fetched, started, watched and stopped by the process that asks. */
export { findFreePort, isPortFree } from './free-port.ts';
export type { NatsClusterMembership, NatsConfiguration } from './nats/configuration.ts';
export { renderNatsConfiguration } from './nats/configuration.ts';
export type { NatsServerSearch } from './nats/locate.ts';
export { locateNatsServer } from './nats/locate.ts';
export { locateClusterNatsServer } from './nats/locate-for-cluster.ts';
export type { NatsServerOptions } from './nats/start.ts';
export { startNatsServer, stopStaleNatsServer } from './nats/start.ts';
export { withoutPostgresVariables } from './postgres/environment.ts';
export { commonPostgresSettings } from './postgres/settings.ts';
export type { PostgresOptions, PostgresServer } from './postgres/start.ts';
export { startPostgres, stopStalePostgres } from './postgres/start.ts';
export { isAlive, readCommandLine } from './process-table.ts';
export type { RunningServer, Say, ServerExit } from './running-server.ts';
