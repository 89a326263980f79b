import type { Command } from 'commander';
import { z } from 'zod';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { mailingArgument } from './id-argument.ts';
import { drawMailing, mailing } from './mailing.ts';

/** Pausing, resuming and deleting: commands that only name a mailing. */
export function addSteering(mailings: Command, execute: Execute): void {
  for (const [verb, description] of [
    ['pause', 'pause a running mailing'],
    ['resume', 'go on with a paused mailing'],
  ] as const) {
    mailings
      .command(verb)
      .description(description)
      .addArgument(mailingArgument())
      .action((id: string, _: object, command: Command) =>
        execute(command, (context) => steerMailing(context, id, verb)),
      );
  }
  mailings
    .command('delete')
    .description('delete a mailing in any state; what was not sent is cancelled')
    .addArgument(mailingArgument())
    .action((id: string, _: object, command: Command) =>
      execute(command, (context) => deleteMailing(context, id)),
    );
}

async function steerMailing({ api, output }: Context, id: string, verb: 'pause' | 'resume'): Promise<number> {
  const steered = await api.write({ method: 'POST', path: `/mailings/${id}/${verb}` }, mailing);
  output.show(steered, () => drawMailing(steered, output.paint));
  return EXIT.done;
}

async function deleteMailing({ api, output }: Context, id: string): Promise<number> {
  await api.write({ method: 'DELETE', path: `/mailings/${id}` }, z.null());
  output.show({ id, deleted: true }, () => `Mailing ${id} is deleted; its statistics stay.`);
  return EXIT.done;
}
