import type { z } from 'zod';
import { batchCompleted } from './batch-completed.ts';
import { clientChanged } from './client-changed.ts';
import { clientRegistered } from './client-registered.ts';
import { clientRemoved } from './client-removed.ts';
import { mailingAudienceResolved } from './mailing-audience-resolved.ts';
import { mailingChanged } from './mailing-changed.ts';
import { mailingCreated } from './mailing-created.ts';
import { mailingDeleted } from './mailing-deleted.ts';
import { mailingExpired } from './mailing-expired.ts';
import { mailingPaused } from './mailing-paused.ts';
import { mailingResumed } from './mailing-resumed.ts';
import { mailingSettled } from './mailing-settled.ts';
import { mailingStarted } from './mailing-started.ts';
import { messageFailed } from './message-failed.ts';
import { messageRetried } from './message-retried.ts';
import { messageSent } from './message-sent.ts';
import { messageUndecided } from './message-undecided.ts';
import { messageUnknown } from './message-unknown.ts';
import { messagesCancelled } from './messages-cancelled.ts';
import { messagesExpired } from './messages-expired.ts';
import { messagesQueued } from './messages-queued.ts';
import { outcomesRecorded } from './outcomes-recorded.ts';

/** Every event there is, by its type. */
export const eventCatalogue = {
  ClientRegistered: clientRegistered,
  ClientChanged: clientChanged,
  ClientRemoved: clientRemoved,
  MailingCreated: mailingCreated,
  MailingChanged: mailingChanged,
  MailingStarted: mailingStarted,
  MailingAudienceResolved: mailingAudienceResolved,
  MailingPaused: mailingPaused,
  MailingResumed: mailingResumed,
  MailingExpired: mailingExpired,
  MailingDeleted: mailingDeleted,
  MailingSettled: mailingSettled,
  BatchCompleted: batchCompleted,
  MessagesQueued: messagesQueued,
  OutcomesRecorded: outcomesRecorded,
  MessageSent: messageSent,
  MessageFailed: messageFailed,
  MessageRetried: messageRetried,
  MessageUndecided: messageUndecided,
  MessageUnknown: messageUnknown,
  MessagesExpired: messagesExpired,
  MessagesCancelled: messagesCancelled,
} as const;

type Catalogue = typeof eventCatalogue;
export type EventType = keyof Catalogue;

/** The data of an event of one type. */
export type EventData<Type extends EventType> = z.infer<Catalogue[Type]['data']>;

/** Type and data of one event, before it has an envelope. A union over the whole catalogue, or one member of it. */
export type EventBody<Type extends EventType = EventType> = {
  [T in Type]: { readonly type: T; readonly data: EventData<T> };
}[Type];

export type ClientEventType = 'ClientRegistered' | 'ClientChanged' | 'ClientRemoved';
export type MailingEventType =
  | 'MailingCreated'
  | 'MailingChanged'
  | 'MailingStarted'
  | 'MailingAudienceResolved'
  | 'MailingPaused'
  | 'MailingResumed'
  | 'MailingExpired'
  | 'MailingDeleted'
  | 'MailingSettled';
export type ClientEvent = EventBody<ClientEventType>;
export type MailingEvent = EventBody<MailingEventType>;
