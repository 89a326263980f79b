import type { Command } from 'commander';
import { cursorOption, limitOption, type PageOptions } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { noteMore } from '../output/more.ts';
import { drawTable } from '../output/table.ts';
import { formatMoment, oneLine } from '../output/text.ts';
import { clientPage } from './client.ts';

type Options = PageOptions & {
  readonly operatorCode?: string;
  readonly tag?: string;
  readonly phone?: string;
};

export function addListClients(clients: Command, execute: Execute): void {
  clients
    .command('list')
    .description('show clients, by id')
    .option('--operator-code <code>', 'only those of this operator code')
    .option('--tag <tag>', 'only those with this tag')
    .option('--phone <phone>', 'only the one with this phone')
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((options: Options, command: Command) =>
      execute(command, (context) => listClients(context, options)),
    );
}

async function listClients({ api, output }: Context, options: Options): Promise<number> {
  const { operatorCode, tag, phone, limit, cursor } = options;
  const page = await api.get('/clients', clientPage, { operatorCode, tag, phone, limit, cursor });
  output.show(page, () =>
    drawTable(
      [
        { title: 'ID' },
        { title: 'PHONE' },
        { title: 'CODE' },
        { title: 'TIME ZONE' },
        { title: 'TAG' },
        { title: 'CHANGED' },
      ],
      page.items.map((each) => [
        each.id,
        each.phone,
        each.operatorCode,
        oneLine(each.timezone),
        oneLine(each.tag),
        formatMoment(each.updatedAt),
      ]),
      output.paint,
    ),
  );
  noteMore(output, page.nextCursor);
  return EXIT.done;
}
