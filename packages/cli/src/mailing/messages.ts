import { type Command, Option } from 'commander';
import { cursorOption, limitOption, type PageOptions, readId } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawMessages, messagePage } from '../messages/message.ts';
import { noteMore } from '../output/more.ts';
import { mailingArgument } from './id-argument.ts';
import { STATUSES } from './statistics.ts';

type Options = PageOptions & { readonly status?: string; readonly client?: string };

export const messageStatusOption = (): Option =>
  new Option('--status <status>', 'only messages in this state').choices(STATUSES);

export function addListMessages(mailings: Command, execute: Execute): void {
  mailings
    .command('messages')
    .description('show the messages of a mailing, by id')
    .addArgument(mailingArgument())
    .addOption(messageStatusOption())
    .option('--client <id>', 'only what this client was sent', readId)
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((id: string, options: Options, command: Command) =>
      execute(command, (context) => listMessages(context, id, options)),
    );
}

async function listMessages({ api, output }: Context, id: string, options: Options): Promise<number> {
  const { status, client: clientId, limit, cursor } = options;
  const page = await api.get(`/mailings/${id}/messages`, messagePage, { status, clientId, limit, cursor });
  output.show(page, () => drawMessages(page.items, 'clientId', output.paint));
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
