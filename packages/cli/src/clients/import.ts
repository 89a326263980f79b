import { type Command, Option } from 'commander';
import { keyOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawDetails } from '../output/table.ts';
import { formatCount } from '../output/text.ts';
import { openSource } from './import-source.ts';
import { saveRejected, tellRejected } from './rejected.ts';
import { type ImportAnswer, type Imported, readEndedImport, uploadFile } from './upload.ts';

type Options = {
  readonly onDuplicate: 'reject' | 'update';
  readonly dryRun?: boolean;
  readonly format?: 'csv' | 'ndjson';
  readonly rejected?: string;
  readonly key?: string;
};

export function addImportClients(clients: Command, execute: Execute): void {
  clients
    .command('import')
    .description('add clients from a file of any size; exits with 1 where lines were rejected')
    .argument('<file>', 'CSV or NDJSON; - is standard input')
    .addOption(
      new Option('--on-duplicate <what>', 'what a line does whose phone is there already')
        .choices(['reject', 'update'])
        .default('reject'),
    )
    .option('--dry-run', 'only check, and change nothing')
    .addOption(
      new Option('--format <format>', "by default by the file's name, else CSV").choices(['csv', 'ndjson']),
    )
    .option('--rejected <file>', 'where to save the rejected lines, with the reasons, as CSV')
    .addOption(keyOption())
    .action((file: string, options: Options, command: Command) =>
      execute(command, (context) => importClients(context, file, options)),
    );
}

async function importClients(context: Context, file: string, options: Options): Promise<number> {
  const { onDuplicate, dryRun = false, format, rejected, key } = options;
  const source = await openSource(file, format, context.stdin);
  const query = { onDuplicate, ...(dryRun ? { dryRun } : {}) };
  const { result, importId } = await uploadFile(context, source, { query, key }).catch(async (error) => {
    // It was ended, for most lines are bad: which, and why, is what has to be known now.
    const ended = readEndedImport(error);
    if (ended !== null) await handleRejected(context, ended, rejected);
    throw error;
  });
  await handleRejected(context, { result, importId }, rejected);
  context.output.show({ ...(importId !== null && { id: importId }), ...result }, () =>
    drawResult(context, result, dryRun),
  );
  return result.rejected > 0 ? EXIT.refused : EXIT.done;
}

async function handleRejected(context: Context, imported: Imported, file: string | undefined): Promise<void> {
  if (imported.result.rejected === 0) return;
  tellRejected(context.output, imported.result, file !== undefined);
  if (file !== undefined) await saveRejected(context, { ...imported, file });
}

function drawResult({ output: { paint } }: Context, result: ImportAnswer, dryRun: boolean): string {
  const rows = [
    ['lines', formatCount(result.received)],
    [dryRun ? 'would be registered' : 'registered', formatCount(result.registered)],
    [dryRun ? 'would be updated' : 'updated', formatCount(result.updated)],
    ['rejected', paint(result.rejected > 0 ? 'red' : 'dim', formatCount(result.rejected))],
  ] as const;
  return drawDetails(rows, paint);
}
