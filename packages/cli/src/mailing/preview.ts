import type { Command } from 'commander';
import { z } from 'zod';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawTable } from '../output/table.ts';
import { formatCount, oneLine } from '../output/text.ts';
import { type AudienceOptions, audienceOptions, filterOf } from './audience.ts';

const preview = z.looseObject({ clients: z.number(), byTimezone: z.record(z.string(), z.number()) });

export function addPreview(mailings: Command, execute: Execute): void {
  audienceOptions(mailings.command('preview').description('count who would get a mailing now')).action(
    (options: AudienceOptions, command: Command) =>
      execute(command, (context) => showPreview(context, options)),
  );
}

async function showPreview({ api, output }: Context, options: AudienceOptions): Promise<number> {
  const found = await api.post('/mailings/preview', preview, { body: { filter: filterOf(options) } });
  output.show(found, () =>
    drawTable(
      [{ title: 'TIME ZONE' }, { title: 'CLIENTS', align: 'right' }],
      [
        ...Object.entries(found.byTimezone).map(([zone, clients]) => [oneLine(zone), formatCount(clients)]),
        ['all', output.paint('bold', formatCount(found.clients))],
      ],
      output.paint,
    ),
  );
  return EXIT.done;
}
