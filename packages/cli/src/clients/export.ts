import type { Command } from 'commander';
import { formatOption, outputOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { saveAnswer } from '../output/save.ts';
import { tellSaved } from '../output/tell-saved.ts';

type Options = {
  readonly format: 'csv' | 'ndjson';
  readonly operatorCode?: string;
  readonly tag?: string;
  readonly output?: string;
};

export function addExportClients(clients: Command, execute: Execute): void {
  clients
    .command('export')
    .description('save clients as a file that imports again')
    .addOption(formatOption())
    .option('--operator-code <code>', 'only those of this operator code')
    .option('--tag <tag>', 'only those with this tag')
    .addOption(outputOption())
    .action((options: Options, command: Command) =>
      execute(command, (context) => exportClients(context, options)),
    );
}

async function exportClients(context: Context, options: Options): Promise<number> {
  const { format, operatorCode, tag, output: file } = options;
  const query = { format, operatorCode, tag };
  const saved = await saveAnswer(context, { method: 'GET', path: '/clients/export', query }, file);
  tellSaved(context.output, saved);
  return EXIT.done;
}
