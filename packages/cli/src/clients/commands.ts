import type { Command } from 'commander';
import type { Execute } from '../context.ts';
import { addAddClient } from './add.ts';
import { addChangeClient } from './change.ts';
import { addExportClients } from './export.ts';
import { addImportClients } from './import.ts';
import { addListClients } from './list.ts';
import { addClientMessages } from './messages.ts';
import { addRemoveClient } from './remove.ts';
import { addShowClient } from './show.ts';

/** `herald clients …` */
export function addClients(program: Command, execute: Execute): void {
  const clients = program.command('clients').description('the directory of clients');
  for (const add of [
    addListClients,
    addShowClient,
    addAddClient,
    addChangeClient,
    addRemoveClient,
    addImportClients,
    addExportClients,
    addClientMessages,
  ]) {
    add(clients, execute);
  }
}
