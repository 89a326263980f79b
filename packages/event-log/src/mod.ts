/** The log: appending, reading, sharing work, and the streams it all stands in. */
export { type AppendResult, appendDecided, appendExpecting, type Decided } from './append.ts';
export { BrokerUrlError, parseBrokerUrls } from './broker-url.ts';
export { type Broker, type BrokerAccess, type BrokerOptions, connectBroker } from './connection.ts';
export { type DurableOptions, ensureDurable } from './durable.ts';
export { type LastEvent, loadLast, loadLastMessage } from './load.ts';
export { type ReadOptions, readLog } from './ordered-reader.ts';
export { type PublishOptions, PublishRefusedError, type PublishResult } from './publish-protocol.ts';
export type { LogRecord } from './record.ts';
export {
  openClaims,
  openCoordination,
  RecordStore,
  RecordsUnavailableError,
  type SharedText,
} from './record-store.ts';
export {
  ensureTopology,
  type TopologyOptions,
  topologyAnswers,
  UnsafeReplicationError,
} from './topology.ts';
export { type Work, WorkQueue, type WorkQueueOptions } from './work-queue.ts';
export { LogWriter } from './writer.ts';
