import {
  type Client,
  type Command,
  type CommandOutcome,
  eventSubjects,
  type Mailing,
  makeEvent,
  newId,
} from '@herald/contracts';
import type { Runtime } from '@herald/service-kit';

const AT = '2026-01-31T09:00:00.000Z';

export const someClient = (given: Partial<Client> = {}): Client => ({
  id: newId(),
  phone: '79161234567',
  operatorCode: '916',
  tag: '',
  timezone: 'Europe/Moscow',
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  ...given,
});

export const someMailing = (given: Partial<Mailing> = {}): Mailing => ({
  id: newId(),
  name: null,
  text: 'Hello',
  startAt: '2030-01-01T00:00:00.000Z',
  endAt: '2030-01-02T00:00:00.000Z',
  filter: { everyone: true },
  localWindow: null,
  rateLimit: null,
  priority: 5,
  status: 'scheduled',
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  startedAt: null,
  endedAt: null,
  settledAt: null,
  audience: null,
  ...given,
});

/** Carries everything out, as if there were no rules. */
export function carryOutAll(command: Command): CommandOutcome {
  switch (command.type) {
    case 'RegisterClient': {
      const { clientId, phone, timezone, operatorCode, tag } = command.data;
      const client = someClient({ id: clientId, phone, timezone, tag: tag ?? '' });
      return { kind: 'client', client: { ...client, operatorCode: operatorCode ?? phone.slice(1, 4) } };
    }
    case 'ChangeClient':
      return { kind: 'client', client: someClient({ id: command.data.clientId, version: 2 }) };
    case 'CreateMailing': {
      const { mailingId, ...attributes } = command.data;
      return { kind: 'mailing', mailing: someMailing({ id: mailingId, ...attributes }) };
    }
    case 'ChangeMailing':
      return { kind: 'mailing', mailing: someMailing({ id: command.data.mailingId, version: 2 }) };
    case 'PauseMailing':
      return {
        kind: 'mailing',
        mailing: someMailing({ id: command.data.mailingId, status: 'paused', version: 2 }),
      };
    case 'ResumeMailing':
      return {
        kind: 'mailing',
        mailing: someMailing({ id: command.data.mailingId, status: 'running', version: 3 }),
      };
    case 'RemoveClient':
    case 'DeleteMailing':
      return { kind: 'removed' };
    case 'ImportClients':
      return {
        kind: 'imported',
        summary: { registered: command.data.rows.length, updated: 0, rejected: 0, errors: [] },
      };
    default:
      return command satisfies never;
  }
}

/** Puts a client and a mailing of this id into the log. */
export async function addToLog({ writer }: Pick<Runtime, 'writer'>, id: string): Promise<void> {
  const provenance = { source: 'mailing', correlationId: 'test' };
  const recentCommands: string[] = [];
  const client = { client: someClient({ id }), recentCommands };
  const mailing = { mailing: someMailing({ id }), recentCommands };
  const events = [
    [eventSubjects.client(id), makeEvent({ type: 'ClientRegistered', data: client }, provenance, new Date())],
    [eventSubjects.mailing(id), makeEvent({ type: 'MailingCreated', data: mailing }, provenance, new Date())],
  ] as const;
  for (const [subject, event] of events) await writer.publish(subject, JSON.stringify(event));
}
