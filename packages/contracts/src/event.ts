import { type Envelope, envelope, type Provenance } from './envelope.ts';
import {
  type ClientEventType,
  type EventBody,
  type EventType,
  eventCatalogue,
  type MailingEventType,
} from './events/catalogue.ts';
import { newId } from './identity.ts';

/** An event of the log: its envelope, with data that the catalogue knows. */
export type HeraldEvent<Type extends EventType = EventType> = Omit<Envelope, 'type' | 'data'> &
  EventBody<Type>;

/** The event was written by a newer release: its type or the version of its data is not known here. */
export class NewerEventError extends Error {
  override readonly name = 'NewerEventError';
}

const isEventType = (type: string): type is EventType => Object.hasOwn(eventCatalogue, type);

/** Puts an envelope around an event. `at` is the moment it happened. */
export function makeEvent<Type extends EventType>(
  body: EventBody<Type>,
  provenance: Provenance,
  at: Date,
  id: string = newId(),
): HeraldEvent<Type> {
  const type: EventType = body.type;
  return {
    specversion: '1.0',
    id,
    source: provenance.source,
    time: at.toISOString(),
    correlationid: provenance.correlationId,
    ...(provenance.causationId === undefined ? {} : { causationid: provenance.causationId }),
    ...(provenance.fingerprint === undefined ? {} : { fingerprint: provenance.fingerprint }),
    ...(provenance.actor === undefined ? {} : { actor: provenance.actor }),
    dataversion: eventCatalogue[type].dataVersion,
    ...body,
  };
}

/**
 * Reads an event from what stands in the log.
 *
 * @throws SyntaxError when it is no JSON, ZodError when the envelope or the data do not fit the catalogue,
 *   NewerEventError for a type or a version that this program does not know
 */
export function parseEvent(text: string): HeraldEvent {
  const parsed = envelope.parse(JSON.parse(text));
  if (!isEventType(parsed.type)) {
    throw new NewerEventError(`unknown event type ${JSON.stringify(parsed.type)}`);
  }
  const definition = eventCatalogue[parsed.type];
  if (parsed.dataversion > definition.dataVersion) {
    throw new NewerEventError(`${parsed.type} of version ${parsed.dataversion} is newer than this program`);
  }
  parsed.data = definition.data.parse(parsed.data);
  // Type and data were just checked against each other by the entry of the catalogue.
  return parsed as HeraldEvent;
}

const CLIENT_EVENTS: ReadonlySet<EventType> = new Set<ClientEventType>([
  'ClientRegistered',
  'ClientChanged',
  'ClientRemoved',
]);
const MAILING_EVENTS: ReadonlySet<EventType> = new Set<MailingEventType>([
  'MailingCreated',
  'MailingChanged',
  'MailingStarted',
  'MailingAudienceResolved',
  'MailingPaused',
  'MailingResumed',
  'MailingExpired',
  'MailingDeleted',
  'MailingSettled',
]);

/** True for the events that stand on clients' subjects. */
export const isClientEvent = (event: HeraldEvent): event is HeraldEvent<ClientEventType> =>
  CLIENT_EVENTS.has(event.type);

/** True for the events that stand on mailings' subjects. */
export const isMailingEvent = (event: HeraldEvent): event is HeraldEvent<MailingEventType> =>
  MAILING_EVENTS.has(event.type);
