import type { ClientEventType, HeraldEvent } from '@herald/contracts';
import { storableText } from './storable.ts';

/** A client as an event left it, without what names a person: what messages are counted by. */
export interface ClientVersion {
  readonly clientId: string;
  /** Position of the event, and when the log stored it (milliseconds since 1970). */
  readonly sequence: number;
  readonly storedAt: number;
  readonly operatorCode: string;
  readonly tag: string;
  readonly timezone: string;
  readonly isRemoved: boolean;
  /** Whether it is the client's first event. */
  readonly isFirst: boolean;
}

export function clientVersionOf(
  { type, data: { client } }: HeraldEvent<ClientEventType>,
  { sequence, storedAt }: { readonly sequence: number; readonly storedAt: number },
): ClientVersion {
  return {
    clientId: client.id,
    sequence,
    storedAt,
    operatorCode: client.operatorCode,
    tag: storableText(client.tag),
    timezone: storableText(client.timezone),
    isRemoved: type === 'ClientRemoved',
    isFirst: type === 'ClientRegistered',
  };
}
