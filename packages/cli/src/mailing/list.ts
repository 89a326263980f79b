import { type Command, Option } from 'commander';
import { cursorOption, limitOption, type PageOptions } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { noteMore } from '../output/more.ts';
import { paintStatus } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';
import { drawFilter, mailingPage } from './mailing.ts';

export const MAILING_STATUSES = ['scheduled', 'running', 'paused', 'completed', 'expired'];
const LONGEST_CELL = 40;

type Options = PageOptions & { readonly status?: string };

export function addListMailings(mailings: Command, execute: Execute): void {
  mailings
    .command('list')
    .description('show mailings, newest first')
    .addOption(new Option('--status <status>', 'only those in this state').choices(MAILING_STATUSES))
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((options: Options, command: Command) =>
      execute(command, (context) => listMailings(context, options)),
    );
}

async function listMailings({ api, output }: Context, { status, limit, cursor }: Options): Promise<number> {
  const page = await api.get('/mailings', mailingPage, { status, limit, cursor });
  const { paint } = output;
  output.show(page, () =>
    drawTable(
      ['ID', 'STATUS', 'START', 'END', 'FOR', 'NAME'].map((title) => ({ title })),
      page.items.map((each) => [
        each.id,
        paintStatus(paint, each.status),
        formatMoment(each.startAt),
        formatMoment(each.endAt),
        cutText(drawFilter(each.filter), LONGEST_CELL),
        cutText(oneLine(each.name ?? '–'), LONGEST_CELL),
      ]),
      paint,
    ),
  );
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
