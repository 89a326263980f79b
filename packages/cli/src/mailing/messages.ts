import { type Command, Option } from 'commander';
import { z } from 'zod';
import { cursorOption, limitOption, type PageOptions, readId } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { noteMore } from '../output/more.ts';
import { paintStatus } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';
import { mailingArgument } from './id-argument.ts';
import { STATUSES } from './statistics.ts';

const message = z.looseObject({
  id: z.number(),
  clientId: z.string(),
  status: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  attempts: z.number(),
  error: z.string().nullable(),
});
const messagePage = z.looseObject({ items: z.array(message), nextCursor: z.string().nullable() });

const LONGEST_ERROR = 60;

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
  const { paint } = output;
  output.show(page, () =>
    drawTable(
      [
        { title: 'ID', align: 'right' },
        { title: 'CLIENT' },
        { title: 'STATUS' },
        { title: 'ENDED' },
        { title: 'ATTEMPTS', align: 'right' },
        { title: 'ERROR' },
      ],
      page.items.map((each) => [
        String(each.id),
        each.clientId,
        paintStatus(paint, each.status),
        formatMoment(each.endedAt),
        String(each.attempts),
        cutText(oneLine(each.error ?? ''), LONGEST_ERROR),
      ]),
      paint,
    ),
  );
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
