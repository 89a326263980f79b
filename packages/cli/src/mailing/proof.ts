import type { Command } from 'commander';
import { outputOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { saveAnswer } from '../output/save.ts';
import { tellSaved } from '../output/tell-saved.ts';
import { mailingArgument } from './id-argument.ts';

export function addDeadlineProof(mailings: Command, execute: Execute): void {
  mailings
    .command('proof')
    .description('save the proof that nothing was sent after the end: each call with the end that held then')
    .addArgument(mailingArgument())
    .addOption(outputOption())
    .action((id: string, options: { readonly output?: string }, command: Command) =>
      execute(command, (context) => saveProof(context, id, options.output)),
    );
}

async function saveProof(context: Context, id: string, file: string | undefined): Promise<number> {
  const path = `/mailings/${id}/deadline-proof`;
  tellSaved(context.output, await saveAnswer(context, { method: 'GET', path }, file));
  return EXIT.done;
}
