import type { z } from 'zod';
import { changeClient } from './change-client.ts';
import { changeMailing } from './change-mailing.ts';
import { createMailing } from './create-mailing.ts';
import { importClients } from './import-clients.ts';
import { registerClient } from './register-client.ts';
import { removeClient } from './remove-client.ts';
import { steerMailing } from './steer-mailing.ts';

/** Every command there is, by its type. */
export const commandCatalogue = {
  RegisterClient: registerClient,
  ChangeClient: changeClient,
  RemoveClient: removeClient,
  ImportClients: importClients,
  /** A dry run. A type of its own: releases before it refuse it, where they would carry out a part that says so. */
  TryImport: importClients,
  CreateMailing: createMailing,
  ChangeMailing: changeMailing,
  DeleteMailing: steerMailing,
  PauseMailing: steerMailing,
  ResumeMailing: steerMailing,
} as const;

type Catalogue = typeof commandCatalogue;
export type CommandType = keyof Catalogue;
export type CommandData<Type extends CommandType> = z.infer<Catalogue[Type]>;

/** Type and data of one command. A union over the whole catalogue, or one member of it. */
export type CommandBody<Type extends CommandType = CommandType> = {
  [T in Type]: { readonly type: T; readonly data: CommandData<T> };
}[Type];

export type ClientCommand = CommandBody<'RegisterClient' | 'ChangeClient' | 'RemoveClient'>;
export type MailingCommand = CommandBody<
  'CreateMailing' | 'ChangeMailing' | 'DeleteMailing' | 'PauseMailing' | 'ResumeMailing'
>;
