import type { Client, ClientCommand, ClientEvent, CommandData } from '@herald/contracts';
import { accept, type Decision, refuse, remember } from '../decision.ts';
import { canonicalClient } from './canonical-client.ts';
import type { ClientState } from './client-state.ts';

/** The operator code that a phone carries: its second to fourth digit. */
export const operatorCodeOf = (phone: string): string => phone.slice(1, 4);

/**
 * Decides a command about one client. That its phone is free is not decided here: the directory reserves phones.
 *
 * @param state of the aggregate that the command names; `null` where there is none yet
 * @param now when the decision is taken
 */
export function decideClient(
  state: ClientState | null,
  command: ClientCommand & { readonly id: string },
  now: Date,
): Decision<ClientEvent> {
  switch (command.type) {
    case 'RegisterClient':
      return register(command.data, command.id, now);
    case 'ChangeClient':
      return withClient(state, command.data, (found) => change(found, command.data, command.id, now));
    case 'RemoveClient':
      return withClient(state, command.data, (found) => remove(found, command.id, now));
    default:
      return command satisfies never;
  }
}

function register(given: CommandData<'RegisterClient'>, commandId: string, now: Date): Decision<ClientEvent> {
  const canonical = canonicalClient(given);
  if (canonical.kind === 'refused') return canonical;
  const data = canonical.attributes;
  const client: Client = {
    id: data.clientId,
    phone: data.phone,
    operatorCode: data.operatorCode ?? operatorCodeOf(data.phone),
    tag: data.tag ?? '',
    timezone: data.timezone,
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
  return accept({ type: 'ClientRegistered', data: { client, recentCommands: [commandId] } });
}

function withClient(
  state: ClientState | null,
  data: { readonly expectedVersion?: number | undefined },
  decide: (state: ClientState) => Decision<ClientEvent>,
): Decision<ClientEvent> {
  if (state === null || state.removed) return refuse({ code: 'client-not-found' });
  const { version } = state.client;
  if (data.expectedVersion !== undefined && data.expectedVersion !== version) {
    return refuse({ code: 'version-mismatch', version });
  }
  return decide(state);
}

function change(
  state: ClientState,
  data: CommandData<'ChangeClient'>,
  commandId: string,
  now: Date,
): Decision<ClientEvent> {
  // What is stored and not changed stays as it is, also where it would not be taken today.
  const canonical = canonicalClient(data.changes);
  if (canonical.kind === 'refused') return canonical;
  const changes = canonical.attributes;
  const before = state.client;
  const phone = changes.phone ?? before.phone;
  const client: Client = {
    ...before,
    phone,
    timezone: changes.timezone ?? before.timezone,
    operatorCode: orDefault(changes.operatorCode, before.operatorCode, operatorCodeOf(phone)),
    tag: orDefault(changes.tag, before.tag, ''),
    version: before.version + 1,
    updatedAt: now.toISOString(),
  };
  const previousPhone = phone === before.phone ? null : before.phone;
  const recentCommands = remember(state.recentCommands, commandId);
  return accept({ type: 'ClientChanged', data: { client, previousPhone, recentCommands } });
}

/** A merge patch: absent keeps, `null` goes back to the default. */
const orDefault = <Value>(change: Value | null | undefined, kept: Value, fallback: Value): Value =>
  change === undefined ? kept : (change ?? fallback);

function remove(state: ClientState, commandId: string, now: Date): Decision<ClientEvent> {
  const client = { ...state.client, version: state.client.version + 1, updatedAt: now.toISOString() };
  const recentCommands = remember(state.recentCommands, commandId);
  return accept({ type: 'ClientRemoved', data: { client, recentCommands } });
}
