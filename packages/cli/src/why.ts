import type { Command } from 'commander';
import { z } from 'zod';
import { type ClientReference, clientArgument } from './arguments.ts';
import { resolveClient } from './clients/client.ts';
import type { Context, Execute } from './context.ts';
import { EXIT } from './failures.ts';
import { mailingArgument } from './mailing/id-argument.ts';
import { paintStatus } from './output/paint.ts';
import { drawTable } from './output/table.ts';
import { formatMoment, oneLine } from './output/text.ts';

const explanation = z.looseObject({
  outcome: z.string(),
  reasons: z.array(
    z.looseObject({
      code: z.string(),
      text: z.string(),
      event: z.string().nullable().optional(),
      position: z.number().nullable().optional(),
      at: z.string().nullable().optional(),
    }),
  ),
});

/** `herald why`: did a client get a mailing, and if not, why. */
export function addWhy(program: Command, execute: Execute): void {
  program
    .command('why')
    .description('tell whether a client got a mailing, and if not, why')
    .addArgument(mailingArgument())
    .addArgument(clientArgument())
    .action((mailing: string, client: ClientReference, _: object, command: Command) =>
      execute(command, (context) => explain(context, mailing, client)),
    );
}

async function explain({ api, output }: Context, mailing: string, client: ClientReference): Promise<number> {
  const id = await resolveClient(api, client);
  const found = await api.get(`/mailings/${mailing}/clients/${id}`, explanation);
  const { paint } = output;
  output.show(found, () =>
    [
      `${paint('bold', 'outcome')}  ${paintStatus(paint, oneLine(found.outcome))}`,
      '',
      drawTable(
        [
          { title: 'BECAUSE' },
          { title: 'CODE' },
          { title: 'EVENT' },
          { title: 'POSITION', align: 'right' },
          { title: 'AT' },
        ],
        found.reasons.map((reason) => [
          oneLine(reason.text),
          oneLine(reason.code),
          oneLine(reason.event ?? '–'),
          typeof reason.position === 'number' ? String(reason.position) : '–',
          formatMoment(reason.at),
        ]),
        paint,
      ),
    ].join('\n'),
  );
  return EXIT.done;
}
