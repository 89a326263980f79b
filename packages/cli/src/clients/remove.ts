import type { Command } from 'commander';
import { z } from 'zod';
import { type ClientReference, clientArgument } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { resolveClient } from './client.ts';

export function addRemoveClient(clients: Command, execute: Execute): void {
  clients
    .command('remove')
    .description('remove a client; messages that wait for it fail')
    .addArgument(clientArgument())
    .action((reference: ClientReference, _: object, command: Command) =>
      execute(command, (context) => removeClient(context, reference)),
    );
}

async function removeClient({ api, output }: Context, reference: ClientReference): Promise<number> {
  const id = await resolveClient(api, reference);
  await api.write({ method: 'DELETE', path: `/clients/${id}` }, z.null());
  output.show({ id, removed: true }, () => `Client ${id} is removed.`);
  return EXIT.done;
}
