import { type Client, eventSubjects, type HeraldEvent, type Mailing } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { lastEventOn } from './reach-broker.ts';

/** The client as the log has it: never stale. `null` when there is none, or it was removed. */
export async function loadClient(broker: Broker, id: string): Promise<Client | null> {
  const event = await lastEventOn(broker, eventSubjects.client(id));
  if (event === null || event.type === 'ClientRemoved') return null;
  return 'client' in event.data ? event.data.client : unexpected(event, id);
}

/** True when there is, or ever was, such a client: what it was sent stays readable after its removal. */
export const wasClient = async (broker: Broker, id: string): Promise<boolean> =>
  (await lastEventOn(broker, eventSubjects.client(id))) !== null;

/** The mailing as the log has it, a deleted one too (its status says so); `null` when there never was one. */
export async function loadMailing(broker: Broker, id: string): Promise<Mailing | null> {
  const event = await lastEventOn(broker, eventSubjects.mailing(id));
  if (event === null) return null;
  return 'mailing' in event.data ? event.data.mailing : unexpected(event, id);
}

function unexpected(event: HeraldEvent, id: string): never {
  throw new Error(`${event.type} stands where the events of ${id} should`);
}
