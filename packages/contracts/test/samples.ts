import type { CommandBody, CommandType } from '../src/commands/catalogue.ts';
import type { EventBody, EventType } from '../src/events/catalogue.ts';
import { deriveId } from '../src/identity.ts';

const id = (name: string): string => deriveId('sample', name);
const at = '2026-03-01T12:00:00.000Z';

const client = {
  id: id('client'),
  phone: '79991234567',
  operatorCode: '999',
  tag: '',
  timezone: 'Europe/Moscow',
  version: 1,
  createdAt: at,
  updatedAt: at,
};
const mailing = {
  id: id('mailing'),
  name: null,
  text: 'hello',
  startAt: at,
  endAt: '2026-03-02T12:00:00.000Z',
  filter: { operatorCodes: ['999'], tags: ['vip'] },
  localWindow: { from: '22:00', to: '06:00' },
  rateLimit: 0.5,
  priority: 7,
  status: 'running' as const,
  version: 2,
  createdAt: at,
  updatedAt: at,
  startedAt: at,
  endedAt: null,
  settledAt: null,
  audience: { messages: 3, batches: 1 },
};
const recentCommands = [id('command')];
const aboutClient = { client, recentCommands };
const aboutMailing = { mailing, recentCommands };
const call = { startedAt: at, durationMs: 1.5, statusCode: 503 };
const outcome = {
  mailingId: mailing.id,
  batch: 0,
  messageId: 1,
  clientId: client.id,
  attempt: 1,
  mailingVersion: 2,
};
const grouped = { place: 0, attempt: 1, mailingVersion: 2 };
const many = { mailingId: mailing.id, batch: 0, messageIds: [1, 2] };

/** The data of one event of every type. */
export const eventSamples: { readonly [Type in EventType]: EventBody<Type>['data'] } = {
  ClientRegistered: aboutClient,
  ClientChanged: { ...aboutClient, previousPhone: null },
  ClientRemoved: aboutClient,
  MailingCreated: aboutMailing,
  MailingChanged: aboutMailing,
  MailingStarted: aboutMailing,
  MailingAudienceResolved: aboutMailing,
  MailingPaused: aboutMailing,
  MailingResumed: aboutMailing,
  MailingExpired: aboutMailing,
  MailingDeleted: { ...aboutMailing, mailing: { ...mailing, status: 'deleted' } },
  MailingSettled: aboutMailing,
  BatchCompleted: { mailingId: mailing.id, batch: 0, messages: 3 },
  MessagesQueued: {
    mailingId: mailing.id,
    batch: 0,
    timezone: 'UTC',
    firstMessageId: 1,
    clientIds: [client.id],
  },
  OutcomesRecorded: {
    mailingId: mailing.id,
    batch: 0,
    firstMessageId: 1,
    outcomes: [
      { ...grouped, type: 'MessageSent', call: { ...call, statusCode: 200 } },
      { ...grouped, type: 'MessageFailed', place: 1, attempt: 0, error: 'client-removed', call: null, at },
      { ...grouped, type: 'MessageRetried', place: 2, error: 'busy', answer: 'refused', call },
      {
        ...grouped,
        type: 'MessageUndecided',
        place: 3,
        attempt: 0,
        look: 1,
        error: 'undecidable: Error',
        at,
      },
      { ...grouped, type: 'MessageUnknown', place: 4, error: 'no answer', call },
    ],
  },
  MessageSent: { ...outcome, call: { ...call, statusCode: 200 } },
  MessageFailed: { ...outcome, error: 'client-removed', call: null },
  MessageRetried: { ...outcome, error: 'busy', answer: 'refused', call },
  MessageUndecided: { ...outcome, attempt: 0, look: 1, error: 'undecidable: RangeError' },
  MessageUnknown: { ...outcome, error: 'no answer', call: { ...call, statusCode: null } },
  MessagesExpired: many,
  MessagesCancelled: many,
};

const attributes = { phone: '79991234567', timezone: 'UTC', operatorCode: '123', tag: 'vip' };
const steering = { mailingId: mailing.id, expectedVersion: 1 };

/** The data of one command of every type. */
export const commandSamples: { readonly [Type in CommandType]: CommandBody<Type>['data'] } = {
  RegisterClient: { ...attributes, clientId: client.id },
  ChangeClient: { clientId: client.id, changes: { tag: null, phone: '79990000000' } },
  RemoveClient: { clientId: client.id, expectedVersion: 3 },
  ImportClients: {
    importId: id('import'),
    chunk: 0,
    onDuplicate: 'update',
    startedAt: '2026-01-31T09:00:00.000Z',
    badLines: [{ line: 2, reason: 'phone: is missing', tag: 'a' }],
    end: { chunks: 1, received: 2, badLines: 1, stopped: false },
    rows: [{ ...attributes, line: 1 }],
  },
  TryImport: { importId: id('import'), chunk: 1, onDuplicate: 'reject', rows: [] },
  CreateMailing: {
    mailingId: mailing.id,
    name: 'spring',
    text: 'hello',
    startAt: mailing.startAt,
    endAt: mailing.endAt,
    filter: { everyone: true },
    localWindow: null,
    rateLimit: 100,
    priority: 9,
  },
  ChangeMailing: {
    mailingId: mailing.id,
    changes: { name: null, localWindow: null, rateLimit: null, priority: null, filter: { tags: ['a'] } },
  },
  DeleteMailing: steering,
  PauseMailing: steering,
  ResumeMailing: steering,
};
