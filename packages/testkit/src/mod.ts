/** Real servers, bounded waits and entities for tests. Nothing of ours is ever mocked. */
export type { TestDatabase } from './database.ts';
export { createTestDatabase } from './database.ts';
export { someClient, someMailing } from './entities.ts';
export { eventually } from './eventually.ts';
export {
  type GuardedNats,
  guardedFile,
  readLogins,
  startGuardedNats,
  tlsConfiguration,
} from './guarded-nats.ts';
export { startGuardedPostgres } from './guarded-postgres.ts';
export { startTestNats } from './nats.ts';
export type { NatsCluster, NatsNode } from './nats-cluster.ts';
export { startNatsCluster } from './nats-cluster.ts';
export type { ProgramInTerminal, ProgramOptions, ProgramRun } from './programs.ts';
export { runProgram, startInTerminal, withoutControls } from './programs.ts';
export type { Proxy } from './proxy.ts';
export { startProxy } from './proxy.ts';
export type { TestNats } from './test-nats.ts';
