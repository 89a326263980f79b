import type { LocalWindow, MailingFilter } from '@herald/contracts';
import { NO_CALL } from '../src/queries/message-history/entries-of.ts';
import type { HistoryEntry } from '../src/queries/message-history/history.ts';
import type {
  ClientFacts,
  ClientVersion,
  Facts,
  MailingFacts,
  MessageFacts,
  Source,
  StartFacts,
} from '../src/queries/why/facts.ts';

/** Noon of the day on which a mailing starts at nine and ends at nine in the evening, all in UTC. */
export const NOON = new Date('2026-03-01T12:00:00.000Z');
export const START_AT = '2026-03-01T09:00:00.000Z';
export const END_AT = '2026-03-01T21:00:00.000Z';

/** An event at a position; so many minutes after nine. */
export const source = (event: string, position: number): Source => ({
  event,
  position,
  at: new Date(Date.parse(START_AT) + position * 60_000).toISOString(),
});

export const started = (
  filter: MailingFilter = { everyone: true },
  localWindow: LocalWindow | null = null,
): StartFacts => ({ ...source('MailingStarted', 20), startedAt: START_AT, filter, localWindow });

/** A mailing that runs, with all its messages queued. */
export const mailing = (given: Partial<MailingFacts> = {}): MailingFacts => ({
  status: 'running',
  startAt: START_AT,
  endAt: END_AT,
  localWindow: null,
  settings: source('MailingCreated', 10),
  started: started(),
  paused: null,
  expired: null,
  deleted: null,
  plan: { kind: 'complete', resolved: source('MailingAudienceResolved', 30) },
  ...given,
});

export const version = (
  event: 'ClientRegistered' | 'ClientChanged' | 'ClientRemoved',
  position: number,
  given: Partial<ClientVersion> = {},
): ClientVersion => ({
  ...source(event, position),
  operatorCode: '916',
  tag: 'vip',
  timezone: 'UTC',
  isRemoved: event === 'ClientRemoved',
  ...given,
});

/** A client by its events in their order, as of the start at 20. */
export function client(...versions: readonly ClientVersion[]): ClientFacts {
  const [first = null] = versions;
  return {
    first,
    newest: versions.at(-1) ?? null,
    atStart: versions.findLast(({ position }) => position <= 20) ?? null,
    unfolded: null,
  };
}

/** Something that happened to the message. */
export const entry = (event: string, position: number, given: Partial<HistoryEntry> = {}): HistoryEntry => ({
  ...NO_CALL,
  ...source(event, position),
  event,
  actor: null,
  correlationId: 'request-1',
  ...given,
});

/** A call that did not end the message. */
export const retried = (position: number, attempt: number, answer: 'refused' | 'lost', error: string) =>
  entry('MessageRetried', position, { attempt, answer, error, durationMs: 12, statusCode: null });

/** A message that is queued at 25, and what happened to it then. */
export const message = (
  status: MessageFacts['status'],
  happened: readonly HistoryEntry[] = [],
  timezone = 'UTC',
): MessageFacts => {
  const history = [entry('MessagesQueued', 25), ...happened];
  const { position, at } = history.at(-1) ?? source('MessagesQueued', 25);
  return { status, timezone, history, position, at };
};

/** A client that was there, and a mailing that addressed it, but for what is given. */
export const facts = (given: Partial<Facts> = {}): Facts => ({
  now: NOON,
  mailing: mailing(),
  mailingInLog: source('MailingAudienceResolved', 30),
  client: client(version('ClientRegistered', 5)),
  message: null,
  unreadable: [],
  ...given,
});
