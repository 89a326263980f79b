import { partitionOf } from './partition.ts';

/** The names of the two streams. */
export const COMMANDS_STREAM = 'COMMANDS';
export const EVENTS_STREAM = 'EVENTS';

/**
 * Where commands stand. `accepted.<commandId>` holds a note that the gateway leaves when it has answered 202,
 * so that every gateway can tell a command that waits from one that never was.
 */
export const commandSubjects = {
  all: 'commands.>',
  accepted: (commandId: string): string => `accepted.${commandId}`,
  allAccepted: 'accepted.*',
  client: (clientId: string): string => `commands.client.${clientId}`,
  mailing: (mailingId: string): string => `commands.mailing.${mailingId}`,
  import: (importId: string): string => `commands.import.${importId}`,
} as const;

/** Where a command's result is announced (core NATS, no storage: results are kept by the mailing service). */
export const resultSubject = (commandId: string): string => `results.${commandId}`;
export const allResults = 'results.*';
/** The command whose result a subject announces. */
export const commandIdOfResult = (subject: string): string => subject.slice('results.'.length);

/** Where it is announced that the statistics of a mailing have changed (core NATS: one that is lost is not repeated). */
export const statsChangedSubject = (mailingId: string): string => `stats.changed.${mailingId}`;
export const allStatsChanges = 'stats.changed.*';
/** The mailing whose statistics a subject says have changed. */
export const mailingOfStatsChange = (subject: string): string => subject.slice('stats.changed.'.length);

const batchKey = (mailingId: string, batch: number): string => `${mailingId}.${batch}`;

/** Where events stand: one subject per aggregate, and two per batch of messages. Never one per recipient. */
export const eventSubjects = {
  all: 'events.>',
  allEntities: 'events.*.entity.>',
  allMailings: 'events.*.entity.mailing.*',
  client: (clientId: string): string => `events.${partitionOf(clientId)}.entity.client.${clientId}`,
  mailing: (mailingId: string): string => `events.${partitionOf(mailingId)}.entity.mailing.${mailingId}`,
  batch: (mailingId: string, batch: number): string =>
    `events.${partitionOf(batchKey(mailingId, batch))}.entity.batch.${mailingId}.${batch}`,
  queued: (mailingId: string, batch: number): string =>
    `events.${partitionOf(batchKey(mailingId, batch))}.message.${mailingId}.${batch}.queued`,
  outcome: (mailingId: string, batch: number): string =>
    `events.${partitionOf(batchKey(mailingId, batch))}.message.${mailingId}.${batch}.outcome`,
  outcomesOf: (mailingId: string): string => `events.*.message.${mailingId}.*.outcome`,
  /** The number of the batch that a subject of outcomes names. */
  batchOfOutcome: (subject: string): number => Number(subject.split('.')[4]),
  queuedOf: (mailingId: string): string => `events.*.message.${mailingId}.*.queued`,
  partition: (partition: number): string => `events.${partition}.>`,
} as const;

/** The name of the stream where senders say who works on which batch. */
export const CLAIMS_STREAM = 'CLAIMS';

/** Where claims stand: one subject per batch, of which only the last message is kept. */
export const claimSubjects = {
  all: 'claims.>',
  batch: (mailingId: string, batch: number): string => `claims.${mailingId}.${batch}`,
  /** Where senders try whether there is room. */
  room: 'claims.room',
} as const;

/** Where senders agree with each other on what they share; nothing there is worth keeping. */
export const COORDINATION_STREAM = 'COORDINATION';

/** One record on each subject, replaced by compare-and-set. */
export const coordinationSubjects = {
  all: 'coordination.>',
  providerRate: 'coordination.rate.provider',
  mailingRate: (mailingId: string): string => `coordination.rate.mailing.${mailingId}`,
  providerCalls: 'coordination.calls.provider',
  /** Where one process stores something only to learn when the server says it did; its name holds no dot. */
  clock: (processId: string): string => `coordination.clock.${processId}`,
} as const;

/** The durable consumer that all senders share for one mailing. */
export const senderConsumer = (mailingId: string): string => `sender-${mailingId}`;

/** The durable consumer that all mailing services share for the commands. */
export const COMMAND_CONSUMER = 'mailing';
