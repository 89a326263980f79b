import { type Client, type HeraldEvent, isClientEvent } from '@herald/contracts';

/** A client as its last event tells it; `null` before the first. */
export interface ClientState {
  readonly client: Client;
  readonly removed: boolean;
  readonly recentCommands: readonly string[];
}

/**
 * The state that a client's last event tells: client events are fat, so none before it matters.
 *
 * @throws Error for an event that is no client's
 */
export function clientStateOf(event: HeraldEvent): ClientState {
  if (!isClientEvent(event)) throw new Error(`${event.type} stands on a client's subject`);
  const { client, recentCommands } = event.data;
  return { client, removed: event.type === 'ClientRemoved', recentCommands };
}
