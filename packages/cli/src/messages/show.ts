import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { readMessageId } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { type Paint, paintStatus } from '../output/paint.ts';
import { drawDetails, drawTable } from '../output/table.ts';
import { formatCount, formatMoment, oneLine } from '../output/text.ts';
import { message } from './message.ts';

const entry = z.looseObject({
  at: z.string(),
  event: z.string(),
  position: z.number().optional(),
  actor: z.string().nullable().optional(),
  attempt: z.number().nullable(),
  statusCode: z.number().nullable(),
  durationMs: z.number().nullable(),
  error: z.string().nullable(),
});
const messageWithHistory = message.extend({ history: z.array(entry) });
type MessageWithHistory = z.output<typeof messageWithHistory>;

/** `herald messages …` */
export function addMessages(program: Command, execute: Execute): void {
  program
    .command('messages')
    .description('single messages')
    .command('show')
    .description('show a message and all that happened to it: every attempt, and what the provider answered')
    .addArgument(new Argument('<message>', 'its id').argParser(readMessageId))
    .action((id: string, _: object, command: Command) =>
      execute(command, (context) => showMessage(context, id)),
    );
}

async function showMessage({ api, output }: Context, id: string): Promise<number> {
  const found = await api.get(`/messages/${id}`, messageWithHistory);
  output.show(found, () => drawMessage(found, output.paint));
  return EXIT.done;
}

function drawMessage(found: MessageWithHistory, paint: Paint): string {
  const details = drawDetails(
    [
      ['id', String(found.id)],
      ['mailing', oneLine(found.mailingId)],
      ['client', oneLine(found.clientId)],
      ['status', paintStatus(paint, oneLine(found.status))],
      ['created', formatMoment(found.createdAt)],
      ['ended', formatMoment(found.endedAt)],
      ['attempts', String(found.attempts)],
      ['error', oneLine(found.error ?? '–')],
    ],
    paint,
  );
  const history = drawTable(
    [
      { title: 'AT' },
      { title: 'EVENT' },
      { title: 'POSITION', align: 'right' },
      { title: 'ACTOR' },
      { title: 'ATTEMPT', align: 'right' },
      { title: 'ANSWER', align: 'right' },
      { title: 'MS', align: 'right' },
      { title: 'ERROR' },
    ],
    found.history.map((each) => [
      formatMoment(each.at),
      paint('cyan', oneLine(each.event)),
      numberOf(each.position),
      oneLine(each.actor ?? '–'),
      numberOf(each.attempt),
      numberOf(each.statusCode),
      each.durationMs === null ? '–' : formatCount(each.durationMs),
      oneLine(each.error ?? ''),
    ]),
    paint,
  );
  return [details, '', history].join('\n');
}

const numberOf = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : String(value);
