import type { Command } from 'commander';
import {
  type ClientReference,
  clientArgument,
  cursorOption,
  limitOption,
  type PageOptions,
} from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawMessages, messagePage } from '../messages/message.ts';
import { noteMore } from '../output/more.ts';
import { resolveClient } from './client.ts';

export function addClientMessages(clients: Command, execute: Execute): void {
  clients
    .command('messages')
    .description('show what a client was sent; by its id also after its removal')
    .addArgument(clientArgument())
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((reference: ClientReference, options: PageOptions, command: Command) =>
      execute(command, (context) => listMessages(context, reference, options)),
    );
}

async function listMessages(
  { api, output }: Context,
  reference: ClientReference,
  { limit, cursor }: PageOptions,
): Promise<number> {
  const id = await resolveClient(api, reference);
  const page = await api.get(`/clients/${id}/messages`, messagePage, { limit, cursor });
  output.show(page, () => drawMessages(page.items, 'mailingId', output.paint));
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
