import { writeFile } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { RefusedError } from '../failures.ts';
import type { Output } from '../output/output.ts';
import { saveAnswer } from '../output/save.ts';
import { saveWhole } from '../output/save-whole.ts';
import { drawTable } from '../output/table.ts';
import { formatCount, oneLine } from '../output/text.ts';
import type { ImportAnswer } from './upload.ts';

/** So many are shown; all of them are for a file. */
const MOST_SHOWN = 20;

/** Shows the first rejected lines, and how the others can be had, unless they are saved. */
export function tellRejected(output: Output, { errors, rejected }: ImportAnswer, isSaved: boolean): void {
  const shown = errors.slice(0, MOST_SHOWN);
  output.line(
    drawTable(
      [{ title: 'LINE', align: 'right' }, { title: 'REJECTED BECAUSE' }],
      shown.map(({ line, message }) => [String(line), oneLine(message)]),
      output.paint,
    ),
  );
  const more = rejected - shown.length;
  if (more > 0)
    output.line(`… and ${formatCount(more)} more${isSaved ? '' : ' (--rejected FILE saves them)'}`);
  output.line('');
}

type Saving = { readonly result: ImportAnswer; readonly importId: string | null; readonly file: string };

/** Saves all rejected lines as CSV, or, where Herald keeps none, the first ones that it named. */
export async function saveRejected(context: Context, saving: Saving): Promise<void> {
  const { result, importId, file } = saving;
  if (importId !== null && (await saveKept(context, importId, file))) {
    context.output.note(`The rejected lines are in ${file}.`);
    return;
  }
  const lines = result.errors.map(({ line, message }) => `${line},"${message.replaceAll('"', '""')}"`);
  await saveWhole(file, (path) => writeFile(path, `${['line,message', ...lines].join('\r\n')}\r\n`));
  context.output.note(
    `${file} has the first ${lines.length} of ${result.rejected} rejected lines: this Herald keeps no others.`,
  );
}

/** @returns whether this release of Herald keeps them */
async function saveKept(context: Context, importId: string, file: string): Promise<boolean> {
  try {
    await saveAnswer(context, { method: 'GET', path: `/imports/${importId}/rejected` }, file);
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.problem.code === 'route-unknown') return false;
    throw error;
  }
}
