/** The catalogue of everything that services say to each other: events, commands, queries, and where they stand. */

export { type Command, eventSubjectOf, makeCommand, parseCommand } from './command.ts';
export {
  type AcceptedNote,
  acceptedNote,
  type CommandOutcome,
  type CommandResult,
  commandOutcome,
  commandResult,
  IMPORT_ERRORS,
  type ImportSummary,
  importSummary,
  type Refusal,
  refusal,
} from './command-result.ts';
export {
  type ClientCommand,
  type CommandBody,
  type CommandData,
  type CommandType,
  commandCatalogue,
  type MailingCommand,
} from './commands/catalogue.ts';
export {
  IMPORT_CHUNK,
  type ImportCommandType,
  type ImportEnd,
  type ImportOrder,
  type ImportRow,
  importChunkId,
  type RejectedLine,
} from './commands/import-clients.ts';
export { type ClientAttributes, clientAttributes } from './commands/register-client.ts';
export {
  type Client,
  client,
  operatorCode,
  operatorCodePattern,
  phone,
  phonePattern,
} from './entities/client.ts';
export {
  DEFAULT_PRIORITY,
  type LocalWindow,
  localWindow,
  type Mailing,
  type MailingFilter,
  type MailingStatus,
  mailing,
  mailingFilter,
  mailingStatus,
  priority,
  rateLimit,
} from './entities/mailing.ts';
export {
  type Message,
  type MessageCounts,
  type MessageStatus,
  message,
  messageCounts,
  messageStatus,
} from './entities/message.ts';
export type { Envelope, Provenance } from './envelope.ts';
export {
  type HeraldEvent,
  isClientEvent,
  isMailingEvent,
  makeEvent,
  NewerEventError,
  parseEvent,
} from './event.ts';
export {
  type ClientEvent,
  type ClientEventType,
  type EventBody,
  type EventData,
  type EventType,
  eventCatalogue,
  type MailingEvent,
  type MailingEventType,
} from './events/catalogue.ts';
export { RECENT_COMMANDS } from './events/define-event.ts';
export { BATCH_SIZE } from './events/messages-queued.ts';
export type { ProviderCall } from './events/outcome.ts';
export { deriveId, newId } from './identity.ts';
export {
  cutRecord,
  type DatedOutcome,
  type GroupedOutcome,
  groupOutcome,
  type MessageOutcome,
  momentOf,
  type OutcomeType,
  outcomesOf,
} from './message-outcome.ts';
export { PARTITIONS, partitionOf } from './partition.ts';
export { PAGE_BYTES, PAGE_LIMIT, pageLimit, pageOf, type QueryDefinition } from './queries/define-query.ts';
export {
  importRecordQuery,
  importRejectedQuery,
  type LiveImport,
  liveImportQuery,
  type StoredImport,
} from './queries/import-queries.ts';
export { type LogScope, logScope, positionsQuery } from './queries/log-queries.ts';
export {
  clientsQuery,
  commandQuery,
  importQuery,
  mailingCursor,
  mailingsQuery,
  openMailingsQuery,
  pendingMailing,
  pendingMailingsQuery,
  previewQuery,
  recipientsQuery,
} from './queries/mailing-queries.ts';
export {
  type InstanceReport,
  instanceReport,
  MONITOR_SUBJECT,
  type ProviderResumed,
  providerResumed,
  RESUME_PROVIDER_SUBJECT,
} from './queries/monitor-queries.ts';
export {
  directoryParkedQuery,
  type ParkedEvent,
  type ParkedPlace,
  type ParkingModel,
  parkedEvent,
  parkedPlace,
  type Redriven,
  redriveDirectoryQuery,
  redriven,
  redriveStatsQuery,
  statsParkedQuery,
} from './queries/parked-queries.ts';
export {
  DIFFERENCES_TOLD,
  type DirectoryRebuild,
  directoryRebuild,
  directoryRebuildQuery,
  LOOK_AGAIN_SUBJECT,
  type RebuildDifference,
  rebuildDifference,
  startDirectoryRebuildQuery,
} from './queries/rebuild-queries.ts';
export {
  beginRebuildQuery,
  cancelRebuildQuery,
  dropGenerationQuery,
  GENERATIONS_CHANGED_SUBJECT,
  type GenerationRefusal,
  generationsQuery,
  rebuildQuery,
  type StatsDifference,
  type StatsGeneration,
  type StatsRebuild,
  statsDifference,
  statsGeneration,
  statsRebuild,
} from './queries/stats-admin-queries.ts';
export {
  type BreakdownBy,
  type BreakdownRow,
  breakdownBy,
  breakdownRow,
  FILE_PIECE_BYTES,
  type FileFormat,
  fileFormat,
  MOST_BREAKDOWN_ROWS,
  mailingOverview,
  mailingStatsQuery,
  messageHistoryEntry,
  messageQuery,
  messagesFileQuery,
  messagesQuery,
  overviewQuery,
} from './queries/stats-queries.ts';
export {
  type Explanation,
  explanation,
  type WhyCode,
  type WhyOutcome,
  type WhyReason,
  whyCodes,
  whyOutcome,
  whyQuery,
  whyReason,
  whyReasons,
} from './queries/why-query.ts';
export {
  allResults,
  allStatsChanges,
  CLAIMS_STREAM,
  COMMAND_CONSUMER,
  COMMANDS_STREAM,
  COORDINATION_STREAM,
  claimSubjects,
  commandIdOfResult,
  commandSubjects,
  coordinationSubjects,
  EVENTS_STREAM,
  eventSubjects,
  mailingOfStatsChange,
  resultSubject,
  senderConsumer,
  statsChangedSubject,
} from './subjects.ts';
export { instant } from './time.ts';
