/** The log: appending, reading, sharing work, and the streams it all stands in. */
export { type AppendResult, appendDecided, appendExpecting, type Decided } from './append.ts';
export { BrokerUrlError, parseBrokerUrls } from './broker-url.ts';
export { type Broker, type BrokerAccess, type BrokerOptions, connectBroker } from './connection.ts';
export { type DurableOptions, ensureDurable } from './durable.ts';
export { findSince } from './find-since.ts';
export type { FullStream, FullStreams } from './full-streams.ts';
export { leaderInfo } from './leader-info.ts';
export {
  findNext,
  type LastEvent,
  loadLast,
  loadLastMessage,
  loadNext,
  loadRecord,
  UnreadableEventError,
} from './load.ts';
export { MessageDeleter } from './message-deleter.ts';
export { readLog } from './ordered-reader.ts';
export {
  LogFullError,
  type OfferResult,
  type PublishOptions,
  PublishRefusedError,
  type PublishResult,
  WriterClosedError,
} from './publish-protocol.ts';
export type { ReadOptions, Unhurried } from './read-options.ts';
export type { LogRecord } from './record.ts';
export {
  openClaims,
  openCoordination,
  RecordStore,
  RecordsFullError,
  RecordsUnavailableError,
  type SharedText,
} from './record-store.ts';
export {
  COMMANDS_MAX_BYTES,
  ensureTopology,
  type TopologyOptions,
  topologyAnswers,
  UnsafeReplicationError,
} from './topology.ts';
export type { Delivery, Work } from './work.ts';
export { WorkQueue, type WorkQueueOptions } from './work-queue.ts';
export { LogWriter } from './writer.ts';
