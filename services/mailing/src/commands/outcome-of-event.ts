import type { ClientEvent, CommandOutcome, MailingEvent } from '@herald/contracts';

/** What a command has come to that led to this event. */
export function outcomeOf(event: ClientEvent | MailingEvent): CommandOutcome {
  switch (event.type) {
    case 'ClientRemoved':
    case 'MailingDeleted':
      return { kind: 'removed' };
    case 'ClientRegistered':
    case 'ClientChanged':
      return { kind: 'client', client: event.data.client };
    case 'MailingCreated':
    case 'MailingChanged':
    case 'MailingStarted':
    case 'MailingAudienceResolved':
    case 'MailingPaused':
    case 'MailingResumed':
    case 'MailingExpired':
    case 'MailingSettled':
      return { kind: 'mailing', mailing: event.data.mailing };
    default:
      return event satisfies never;
  }
}
