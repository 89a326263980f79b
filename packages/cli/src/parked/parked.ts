import type { Command } from 'commander';
import { z } from 'zod';
import type { Context, Execute } from '../context.ts';
import { EXIT, RefusedError, WrongUseError } from '../failures.ts';
import { drawDetails, drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';

const parkedEvent = z.looseObject({
  id: z.union([z.string(), z.number()]).transform(String),
  model: z.string(),
  fold: z.string(),
  position: z.number(),
  subject: z.string(),
  type: z.string().nullable(),
  error: z.string(),
  parkedAt: z.string(),
  text: z.string().optional(),
});
type ParkedEvent = z.output<typeof parkedEvent>;
const parkedPage = z.looseObject({
  items: z.array(parkedEvent),
  nextCursor: z.string().nullable().optional(),
});

const LONGEST_ERROR = 80;
const PAGE = 1_000;

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

async function readAll({ api }: Context): Promise<ParkedEvent[]> {
  const items: ParkedEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get(
      '/admin/parked-events',
      parkedPage,
      cursor === undefined ? {} : { cursor, limit: PAGE },
    );
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

async function listParked(context: Context): Promise<number> {
  const items = await readAll(context);
  const { output } = context;
  output.show({ items }, () =>
    items.length === 0
      ? 'No event is parked.'
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
  return EXIT.done;
}

async function showParked(context: Context, id: string): Promise<number> {
  const found = (await readAll(context)).find((each) => each.id === id);
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

/** One that is refused holds up no other. */
async function redrive(context: Context, id: string | undefined, all: boolean): Promise<number> {
  if ((id === undefined) !== all) throw new WrongUseError('Name one parked event, or say --all.');
  const ids = id === undefined ? (await readAll(context)).map((each) => each.id) : [id];
  const redriven: string[] = [];
  const refused: Array<{ readonly id: string; readonly error: object }> = [];
  for (const each of ids) {
    try {
      await context.api.post(`/admin/parked-events/${encodeURIComponent(each)}/redrive`, z.unknown());
      redriven.push(each);
    } catch (error) {
      if (!(error instanceof RefusedError) || !all) throw error;
      refused.push({ id: each, error: error.problem });
      context.output.note(`${each}: ${error.message}`);
    }
  }
  context.output.show({ redriven, refused }, () =>
    [
      `${redriven.length} ordered to be folded again; herald parked list shows what is left.`,
      ...(refused.length === 0 ? [] : [`${refused.length} refused.`]),
    ].join('\n'),
  );
  return refused.length > 0 ? EXIT.refused : EXIT.done;
}
