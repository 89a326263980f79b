import type { Command } from 'commander';
import { formatOption, outputOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { saveAnswer } from '../output/save.ts';
import { tellSaved } from '../output/tell-saved.ts';
import { mailingArgument } from './id-argument.ts';
import { messageStatusOption } from './messages.ts';

type Options = { readonly format: 'csv' | 'ndjson'; readonly status?: string; readonly output?: string };

export function addExportMessages(mailings: Command, execute: Execute): void {
  mailings
    .command('export')
    .description('save the messages of a mailing as a file')
    .addArgument(mailingArgument())
    .addOption(formatOption())
    .addOption(messageStatusOption())
    .addOption(outputOption())
    .action((id: string, options: Options, command: Command) =>
      execute(command, (context) => exportMessages(context, id, options)),
    );
}

async function exportMessages(context: Context, id: string, options: Options): Promise<number> {
  const { format, status, output: file } = options;
  const path = `/mailings/${id}/messages/export`;
  tellSaved(
    context.output,
    await saveAnswer(context, { method: 'GET', path, query: { format, status } }, file),
  );
  return EXIT.done;
}
