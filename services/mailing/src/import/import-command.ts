import type { Command, CommandBody, ImportCommandType } from '@herald/contracts';

/** One chunk of an import, as it is carried out. */
export type ImportCommand = Command & CommandBody<ImportCommandType>;

export const isImport = (command: Command): command is ImportCommand =>
  command.type === 'ImportClients' || command.type === 'TryImport';
