import type { Command } from 'commander';
import { cursorOption, limitOption, type PageOptions } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawEvents, logPage } from '../log/event.ts';
import { noteMore } from '../output/more.ts';
import { mailingArgument } from './id-argument.ts';

type Options = PageOptions & { readonly messages?: true };

export function addMailingEvents(mailings: Command, execute: Execute): void {
  mailings
    .command('events')
    .description('show what the log says of a mailing: who did what, when')
    .addArgument(mailingArgument())
    .option('--messages', 'also what was recorded about its messages')
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((id: string, options: Options, command: Command) =>
      execute(command, (context) => listEvents(context, id, options)),
    );
}

async function listEvents({ api, output }: Context, id: string, options: Options): Promise<number> {
  const { messages, limit, cursor } = options;
  const page = await api.get(`/mailings/${id}/events`, logPage, { messages, limit, cursor });
  output.show(page, () => drawEvents(page.items, output.paint));
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
