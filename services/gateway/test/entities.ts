import { type Command, type CommandOutcome, eventSubjects, makeEvent } from '@herald/contracts';
import type { Runtime } from '@herald/service-kit';
import { someClient, someMailing } from '@herald/testkit';

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
    case 'TryImport':
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
