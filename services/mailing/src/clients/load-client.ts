import { eventSubjects } from '@herald/contracts';
import { type ClientState, clientStateOf } from '@herald/domain';
import { type Broker, loadLast } from '@herald/event-log';
import type { FoundEntity } from '../commands/carried.ts';

/** A client as the log has it now, and the position of its last event (0 before the first). */
export interface LoadedClient {
  readonly state: ClientState | null;
  readonly sequence: number;
}

/** @throws what {@link loadLast} and {@link clientStateOf} throw */
export async function loadClient(broker: Broker, clientId: string): Promise<LoadedClient> {
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
