import {
  type Client,
  deriveId,
  type EventBody,
  eventSubjects,
  groupOutcome,
  type Mailing,
  type OutcomeType,
} from '@herald/contracts';
import { someMailing } from '@herald/testkit';

/** One event as a service would append it. */
export interface Step {
  readonly subject: string;
  readonly body: EventBody;
  readonly at: Date;
}

const BEGIN = Date.parse('2026-03-01T12:00:00.000Z');

/** So many seconds after the story began. */
export const moment = (seconds: number): Date => new Date(BEGIN + seconds * 1_000);

export const clientId = (number: number): string => deriveId('client', String(number));

/** A mailing that is sent, for ever of the same id. */
export const aMailing = (name: string, more: Partial<Mailing> = {}): Mailing =>
  someMailing({
    id: deriveId('mailing', name),
    name,
    startAt: moment(0).toISOString(),
    endAt: moment(86_400).toISOString(),
    status: 'running',
    createdAt: moment(0).toISOString(),
    updatedAt: moment(0).toISOString(),
    startedAt: moment(0).toISOString(),
    ...more,
  });

type MailingType = Extract<EventBody, { data: { mailing: Mailing } }>['type'];

export const entity = (type: MailingType, mailing: Mailing, at: Date): Step => ({
  subject: eventSubjects.mailing(mailing.id),
  body: { type, data: { mailing, recentCommands: [] } },
  at,
});

type ClientType = Extract<EventBody, { data: { client: Client } }>['type'];

/** What a client has become. */
export function clientStep(type: ClientType, client: Client, at: Date): Step {
  const data = { client, recentCommands: [] };
  const subject = eventSubjects.client(client.id);
  return type === 'ClientChanged'
    ? { subject, body: { type, data: { ...data, previousPhone: null } }, at }
    : { subject, body: { type, data }, at };
}

/** A batch of consecutive messages, the message `first` for the client of the same number. */
export function queued(mailing: Mailing, batch: number, first: number, size: number, at: Date): Step {
  const clientIds = Array.from({ length: size }, (_, index) => clientId(first + index));
  return {
    subject: eventSubjects.queued(mailing.id, batch),
    body: {
      type: 'MessagesQueued',
      data: { mailingId: mailing.id, batch, timezone: 'UTC', firstMessageId: first, clientIds },
    },
    at,
  };
}

/** How long each call takes, milliseconds. */
const CALL_MS = 12;

/** What a call to the provider came to. */
export function outcome(
  type: OutcomeType,
  mailing: Mailing,
  batch: number,
  messageId: number,
  at: Date,
  attempt = 1,
  error = 'the provider says no',
): Step {
  const about = {
    mailingId: mailing.id,
    batch,
    messageId,
    clientId: clientId(messageId),
    attempt,
    mailingVersion: mailing.version,
  };
  const call = {
    startedAt: new Date(at.getTime() - CALL_MS).toISOString(),
    durationMs: CALL_MS,
    statusCode: type === 'MessageSent' ? 200 : 500,
  };
  const subject = eventSubjects.outcome(mailing.id, batch);
  switch (type) {
    case 'MessageSent':
      return { subject, body: { type, data: { ...about, call } }, at };
    case 'MessageRetried':
      return { subject, body: { type, data: { ...about, call, error, answer: 'refused' } }, at };
    case 'MessageUndecided':
      return { subject, body: { type, data: { ...about, attempt, look: 1, error } }, at };
    case 'MessageFailed':
    case 'MessageUnknown':
      return { subject, body: { type, data: { ...about, call, error } }, at };
    default:
      return type satisfies never;
  }
}

/** Outcomes of one batch in one record, which is written when the last of them is known. */
export function grouped(
  mailing: Mailing,
  batch: number,
  firstMessageId: number,
  outcomes: readonly Step[],
): Step {
  return {
    subject: eventSubjects.outcome(mailing.id, batch),
    body: {
      type: 'OutcomesRecorded',
      data: {
        mailingId: mailing.id,
        batch,
        firstMessageId,
        outcomes: outcomes.map(({ body, at }) => {
          if (!isSingle(body)) throw new Error(`${body.type} stands in no group`);
          return groupOutcome(body, firstMessageId, at.getTime());
        }),
      },
    },
    at: outcomes.at(-1)?.at ?? moment(0),
  };
}

const SINGLE: ReadonlySet<string> = new Set<OutcomeType>([
  'MessageSent',
  'MessageFailed',
  'MessageRetried',
  'MessageUndecided',
  'MessageUnknown',
]);

/** Whether an event says what became of one message. */
export const isSingle = (body: EventBody): body is EventBody<OutcomeType> => SINGLE.has(body.type);

/** Many messages end at once, because the mailing did. */
export const ending = (
  type: 'MessagesExpired' | 'MessagesCancelled',
  mailing: Mailing,
  batch: number,
  messageIds: readonly number[],
  at: Date,
): Step => ({
  subject: eventSubjects.outcome(mailing.id, batch),
  body: { type, data: { mailingId: mailing.id, batch, messageIds: [...messageIds] } },
  at,
});
