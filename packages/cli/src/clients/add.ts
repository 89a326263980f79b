import type { Command } from 'commander';
import { keyOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { client, drawClient } from './client.ts';

type Options = {
  readonly phone: string;
  readonly timezone: string;
  readonly operatorCode?: string;
  readonly tag?: string;
  readonly key?: string;
};

export function addAddClient(clients: Command, execute: Execute): void {
  clients
    .command('add')
    .description('add a client')
    .requiredOption('--phone <phone>', '7 and ten digits')
    .requiredOption('--timezone <zone>', 'an IANA name such as Europe/Moscow, or an offset such as +03:00')
    .option('--operator-code <code>', "by default the phone's second to fourth digit")
    .option('--tag <tag>', 'any label')
    .addOption(keyOption())
    .action((options: Options, command: Command) =>
      execute(command, (context) => addClient(context, options)),
    );
}

async function addClient({ api, output }: Context, { key, ...body }: Options): Promise<number> {
  const again = (used: string): string => `--key ${used}`;
  const made = await api.write({ method: 'POST', path: '/clients', body, key, again }, client);
  output.show(made, () => drawClient(made, output.paint));
  return EXIT.done;
}
