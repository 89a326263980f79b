import { Argument, type Command, Option } from 'commander';
import { z } from 'zod';
import { cursorOption, limitOption, type PageOptions, readId, readMoment } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT, WrongUseError } from '../failures.ts';
import { MAILING_STATUSES } from '../mailing/list.ts';
import { counts, drawCounts, type Statistics, statistics } from '../mailing/statistics.ts';
import { noteMore } from '../output/more.ts';
import { drawDetails } from '../output/table.ts';
import { formatCount, formatMoment } from '../output/text.ts';

const overview = z.looseObject({
  items: z.array(
    z.looseObject({
      mailing: z.string(),
      name: z.string().nullable(),
      status: z.string(),
      planned: z.number(),
      counts,
    }),
  ),
  totals: counts.extend({ planned: z.number() }),
  nextCursor: z.string().nullable(),
});

type Options = PageOptions & { readonly at?: string; readonly by?: string; readonly status?: string };

export function addShowStatistics(stats: Command, execute: Execute): void {
  stats
    .command('show')
    .description('show the counts of all mailings, or those of one')
    .addArgument(new Argument('[mailing]', 'the id of one mailing').argParser(readId))
    .option('--at <time>', 'as they were then: -2h, or an ISO 8601 time', (value) =>
      readMoment(value, new Date()),
    )
    .addOption(
      new Option('--by <property>', 'the counts of one mailing, taken apart').choices([
        'operatorCode',
        'tag',
        'timezone',
        'hour',
      ]),
    )
    .addOption(new Option('--status <status>', 'only mailings in this state').choices(MAILING_STATUSES))
    .addOption(limitOption())
    .addOption(cursorOption())
    .action((id: string | undefined, options: Options, command: Command) =>
      execute(command, (context) =>
        id === undefined ? showOverview(context, options) : showOne(context, id, options),
      ),
    );
}

async function showOverview({ api, output }: Context, options: Options): Promise<number> {
  const { at, by, status, limit, cursor } = options;
  if (by !== undefined) throw new WrongUseError('--by takes the counts of one mailing apart: name it.');
  const page = await api.get('/stats', overview, { at, status, limit, cursor });
  const rows = page.items.map(({ mailing, name, ...rest }) => ({ ...rest, name: name ?? mailing }));
  const { planned, ...totals } = page.totals;
  const all = { name: 'all mailings', status: '', planned, counts: totals };
  output.show(page, () => drawCounts('MAILING', [...rows, all], output.paint));
  noteMore(output, page.nextCursor);
  return EXIT.done;
}

async function showOne({ api, output }: Context, id: string, options: Options): Promise<number> {
  const { at, by } = options;
  const found = await api.get(`/mailings/${id}/stats`, statistics, { at, by });
  output.show(found, () => drawOne(found, by, output.paint));
  return EXIT.done;
}

function drawOne(found: Statistics, by: string | undefined, paint: Context['output']['paint']): string {
  const { ratePerSecond, expectedEndAt, breakdown } = found;
  const details = drawDetails(
    [
      ['as of', formatMoment(found.asOf)],
      ['retries', formatCount(found.retries)],
      ['first sent', formatMoment(found.firstSentAt)],
      ['last sent', formatMoment(found.lastSentAt)],
      ...(typeof ratePerSecond === 'number' ? [['messages/s', formatCount(ratePerSecond)] as const] : []),
      ...(typeof expectedEndAt === 'string' ? [['expected end', formatMoment(expectedEndAt)] as const] : []),
    ],
    paint,
  );
  const parts = [drawCounts('MAILING', [{ name: found.mailing, ...found }], paint), '', details];
  if (breakdown !== undefined) {
    const rows = breakdown.map(({ value, ...rest }) => ({ ...rest, name: value ?? '–' }));
    parts.push('', drawCounts((by ?? '').toUpperCase(), rows, paint));
  }
  return parts.join('\n');
}
