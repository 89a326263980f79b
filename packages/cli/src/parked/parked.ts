import type { Command } from 'commander';
import type { Context, Execute } from '../context.ts';
import { EXIT, RefusedError } from '../failures.ts';
import { drawDetails, drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';
import { noteUnavailable, readParked } from './read-parked.ts';
import { redrive } from './redrive.ts';

const LONGEST_ERROR = 80;

/** `herald parked …`: events that a read model could not fold, and set aside. */
export function addParked(program: Command, execute: Execute): void {
  const parked = program.command('parked').description('events that could not be folded and were set aside');
  parked
    .command('list')
    .description('show them')
    .action((_: object, command: Command) => execute(command, listParked));
  parked
    .command('show')
    .description('show one, with what it says')
    .argument('<id>', 'as the list names it')
    .action((id: string, _: object, command: Command) =>
      execute(command, (context) => showParked(context, id)),
    );
  parked
    .command('redrive')
    .description('fold one again, or all')
    .argument('[id]', 'as the list names it')
    .option('--all', 'all of them')
    .action((id: string | undefined, { all = false }: { readonly all?: boolean }, command: Command) =>
      execute(command, (context) => redrive(context, id, all)),
    );
}

async function listParked(context: Context): Promise<number> {
  const found = await readParked(context);
  const { items, unavailable } = found;
  const { output } = context;
  output.show({ items, unavailable }, () =>
    items.length === 0
      ? `No event is parked${unavailable.length > 0 ? ' by those that answered' : ''}.`
      : drawTable(
          [
            { title: 'ID' },
            { title: 'MODEL' },
            { title: 'FOLD' },
            { title: 'POSITION', align: 'right' },
            { title: 'EVENT' },
            { title: 'PARKED' },
            { title: 'ERROR' },
          ],
          items.map((each) => [
            oneLine(each.id),
            oneLine(each.model),
            oneLine(each.fold),
            String(each.position),
            oneLine(each.type ?? '–'),
            formatMoment(each.parkedAt),
            cutText(oneLine(each.error), LONGEST_ERROR),
          ]),
          output.paint,
        ),
  );
  noteUnavailable(context, found);
  return unavailable.length > 0 ? EXIT.notReachable : EXIT.done;
}

async function showParked(context: Context, id: string): Promise<number> {
  const found = (await readParked(context)).items.find((each) => each.id === id);
  if (found === undefined) throw noSuchEvent(id);
  const { output } = context;
  output.show(found, () =>
    [
      drawDetails(
        [
          ['id', oneLine(found.id)],
          ['model', oneLine(found.model)],
          ['fold', oneLine(found.fold)],
          ['position', String(found.position)],
          ['subject', oneLine(found.subject)],
          ['event', oneLine(found.type ?? '–')],
          ['parked', formatMoment(found.parkedAt)],
          ['error', output.paint('red', oneLine(found.error))],
        ],
        output.paint,
      ),
      '',
      oneLine(found.text ?? ''),
    ].join('\n'),
  );
  return EXIT.done;
}

const noSuchEvent = (id: string): RefusedError =>
  new RefusedError({
    title: 'There is no such parked event',
    status: 404,
    code: 'parked-event-not-found',
    detail: `No parked event has the id ${oneLine(id)}.`,
  });
