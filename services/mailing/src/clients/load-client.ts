import { eventSubjects } from '@herald/contracts';
import { type ClientState, clientStateOf } from '@herald/domain';
import { type Broker, loadLast } from '@herald/event-log';
import type { FoundEntity } from '../commands/carried.ts';
import { SharedByKey } from '../commands/shared-by-key.ts';

/** A client as the log has it now, and the position of its last event (0 before the first). */
export interface LoadedClient {
  readonly state: ClientState | null;
  readonly sequence: number;
}

/** Many want the phone of one client at the same time, and each looks at its owner. */
const loads = new WeakMap<Broker, SharedByKey<LoadedClient>>();

/** @throws what {@link loadLast} and {@link clientStateOf} throw */
export function loadClient(broker: Broker, clientId: string): Promise<LoadedClient> {
  let shared = loads.get(broker);
  if (shared === undefined) {
    shared = new SharedByKey();
    loads.set(broker, shared);
  }
  return shared.run(clientId, () => load(broker, clientId));
}

async function load(broker: Broker, clientId: string): Promise<LoadedClient> {
  const last = await loadLast(broker, eventSubjects.client(clientId));
  if (last === null) return { state: null, sequence: 0 };
  return { state: clientStateOf(last.event), sequence: last.sequence };
}

/** A client that is or was there, as a command finds it. */
export const foundClient = (state: ClientState, sequence: number): FoundEntity => ({
  subject: eventSubjects.client(state.client.id),
  sequence,
  recentCommands: state.recentCommands,
  present: state.removed ? { kind: 'removed' } : { kind: 'client', client: state.client },
});
