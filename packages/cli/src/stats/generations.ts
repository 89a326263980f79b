import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { readPositive } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { runJob } from '../jobs/run-job.ts';
import { paintStatus } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { formatBytes, formatMoment, oneLine } from '../output/text.ts';
import { STATS_JOB } from './rebuild.ts';

const generation = z.looseObject({
  generation: z.number(),
  isServed: z.boolean(),
  state: z.string(),
  lanes: z.number().nullable(),
  origin: z.string().nullable(),
  createdAt: z.string().nullable(),
  servedAt: z.string().nullable(),
  position: z.number().nullable(),
  bytes: z.number().nullable(),
});
const generations = z.looseObject({ items: z.array(generation) });

const numberArgument = (): Argument => new Argument('<generation>', 'its number').argParser(readPositive);

/** Which statistics there are, which of them are served, and which go. */
export function addGenerations(stats: Command, execute: Execute): void {
  stats
    .command('generations')
    .description('show which generations of the statistics there are')
    .action((_: object, command: Command) => execute(command, listGenerations));
  stats
    .command('use')
    .description('serve another generation')
    .addArgument(numberArgument())
    .option('--no-wait', 'only order it')
    .action((number: number, { wait }: { readonly wait: boolean }, command: Command) => {
      const order = { path: `/admin/stats/generations/${number}/use`, progressPath: STATS_JOB };
      return execute(command, (context) => runJob(context, order, wait));
    });
  stats
    .command('drop')
    .description('remove a generation that is not served')
    .addArgument(numberArgument())
    .action((number: number, _: object, command: Command) =>
      execute(command, (context) => dropGeneration(context, number)),
    );
}

async function listGenerations({ api, output }: Context): Promise<number> {
  const found = await api.get('/admin/stats/generations', generations);
  const { paint } = output;
  output.show(found, () =>
    drawTable(
      [
        { title: 'GENERATION', align: 'right' },
        { title: 'STATE' },
        { title: 'LANES', align: 'right' },
        { title: 'POSITION', align: 'right' },
        { title: 'SIZE', align: 'right' },
        { title: 'MADE' },
        { title: 'SERVED SINCE' },
        { title: 'ORIGIN' },
      ],
      found.items.map((each) => [
        String(each.generation),
        paintStatus(paint, each.state),
        each.lanes === null ? '–' : String(each.lanes),
        each.position === null ? '–' : String(each.position),
        each.bytes === null ? '–' : formatBytes(each.bytes),
        formatMoment(each.createdAt),
        formatMoment(each.servedAt),
        oneLine(each.origin ?? '–'),
      ]),
      paint,
    ),
  );
  return EXIT.done;
}

async function dropGeneration({ api, output }: Context, number: number): Promise<number> {
  await api.write({ method: 'DELETE', path: `/admin/stats/generations/${number}` }, z.null());
  output.show({ generation: number, dropped: true }, () => `Generation ${number} is dropped.`);
  return EXIT.done;
}
