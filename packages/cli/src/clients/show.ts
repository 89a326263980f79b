import type { Command } from 'commander';
import { type ClientReference, clientArgument } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { client, drawClient, resolveClient } from './client.ts';

export function addShowClient(clients: Command, execute: Execute): void {
  clients
    .command('show')
    .description('show one client')
    .addArgument(clientArgument())
    .action((reference: ClientReference, _: object, command: Command) =>
      execute(command, (context) => showClient(context, reference)),
    );
}

async function showClient({ api, output }: Context, reference: ClientReference): Promise<number> {
  const found = await api.get(`/clients/${await resolveClient(api, reference)}`, client);
  output.show(found, () => drawClient(found, output.paint));
  return EXIT.done;
}
