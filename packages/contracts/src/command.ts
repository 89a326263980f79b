import { z } from 'zod';
import { type CommandBody, type CommandType, commandCatalogue } from './commands/catalogue.ts';
import { envelope, type Provenance } from './envelope.ts';
import { eventSubjects } from './subjects.ts';

/**
 * A command's envelope. `id` is the command id; `fingerprint` a hash of what the person asked (route, condition and
 * body), so that one idempotency key used for two different requests is noticed.
 */
const commandEnvelope = envelope.extend({ fingerprint: z.string().min(1) });
type CommandEnvelope = z.infer<typeof commandEnvelope>;

export type Command<Type extends CommandType = CommandType> = Omit<CommandEnvelope, 'type' | 'data'> &
  CommandBody<Type>;

const isCommandType = (type: string): type is CommandType => Object.hasOwn(commandCatalogue, type);

/** Puts an envelope around a command. `at` is the moment it was accepted. */
export function makeCommand<Type extends CommandType>(
  id: string,
  fingerprint: string,
  body: CommandBody<Type>,
  provenance: Provenance,
  at: Date,
): Command<Type> {
  return {
    specversion: '1.0',
    id,
    fingerprint,
    source: provenance.source,
    time: at.toISOString(),
    correlationid: provenance.correlationId,
    ...(provenance.actor === undefined ? {} : { actor: provenance.actor }),
    dataversion: 1,
    ...body,
  };
}

/** Where the events of the one entity stand that a command is about; `null` for an import, which is about many. */
export function eventSubjectOf(command: CommandBody): string | null {
  switch (command.type) {
    case 'RegisterClient':
    case 'ChangeClient':
    case 'RemoveClient':
      return eventSubjects.client(command.data.clientId);
    case 'CreateMailing':
    case 'ChangeMailing':
    case 'DeleteMailing':
    case 'PauseMailing':
    case 'ResumeMailing':
      return eventSubjects.mailing(command.data.mailingId);
    case 'ImportClients':
    case 'TryImport':
      return null;
    default:
      return command satisfies never;
  }
}

/**
 * Reads a command from what stands in the stream.
 *
 * @throws SyntaxError when it is no JSON, ZodError when it does not fit the catalogue, Error for an unknown type
 */
export function parseCommand(text: string): Command {
  const parsed = commandEnvelope.parse(JSON.parse(text));
  if (!isCommandType(parsed.type)) throw new Error(`unknown command type ${JSON.stringify(parsed.type)}`);
  parsed.data = commandCatalogue[parsed.type].parse(parsed.data);
  // Type and data were just checked against each other by the entry of the catalogue.
  return parsed as Command;
}
