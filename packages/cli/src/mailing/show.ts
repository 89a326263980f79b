import type { Command } from 'commander';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { mailingArgument } from './id-argument.ts';
import { drawMailing, mailing } from './mailing.ts';
import { drawCounts, statistics } from './statistics.ts';

export function addShowMailing(mailings: Command, execute: Execute): void {
  mailings
    .command('show')
    .description('show a mailing and its counts')
    .addArgument(mailingArgument())
    .action((id: string, _: object, command: Command) =>
      execute(command, (context) => showMailing(context, id)),
    );
}

async function showMailing({ api, output }: Context, id: string): Promise<number> {
  const found = await api.get(`/mailings/${id}`, mailing);
  const counted = await api.get(`/mailings/${id}/stats`, statistics);
  const { paint } = output;
  output.show({ ...found, planned: counted.planned, counts: counted.counts }, () =>
    [
      drawMailing(found, paint),
      '',
      drawCounts('MESSAGES OF', [{ ...counted, name: found.name ?? id }], paint),
    ].join('\n'),
  );
  return EXIT.done;
}
