import type { Client, ClientEvent } from '@herald/contracts';

/** A client as its last event tells it; `null` before the first. */
export interface ClientState {
  readonly client: Client;
  readonly removed: boolean;
  readonly recentCommands: readonly string[];
}

/** The state after an event. Client events are fat, so the state before does not matter. */
export function evolveClient(_state: ClientState | null, event: ClientEvent): ClientState {
  const { client, recentCommands } = event.data;
  switch (event.type) {
    case 'ClientRegistered':
    case 'ClientChanged':
      return { client, removed: false, recentCommands };
    case 'ClientRemoved':
      return { client, removed: true, recentCommands };
    default:
      return event satisfies never;
  }
}
