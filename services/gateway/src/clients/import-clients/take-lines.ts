import { SlowBodyError } from '../../http/body-reader.ts';
import type { GatewayDependencies } from '../../http/context.ts';
import type { RecordReader } from './import-record.ts';
import type { ImportRun } from './import-run.ts';
import type { TextLine } from './text-lines.ts';

/** How the reading of an import ended. */
export type Ending = 'whole' | 'too-many-errors' | 'too-slow';

/** So many lines are read between two looks whether something else has its turn; 32 broken quotes take about 2 ms. */
const LINES_AT_ONCE = 32;

/** Takes the lines in, in slices of the event loop, until they end or there is a reason to end the import. */
export async function takeLines(
  source: AsyncIterable<readonly TextLine[]>,
  reader: RecordReader<TextLine>,
  run: ImportRun,
  { turns }: GatewayDependencies,
): Promise<Ending> {
  try {
    for await (const lines of source) {
      for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
        await turns.work();
        await run.take(reader.read(lines.slice(from, from + LINES_AT_ONCE)));
        if (run.isHopeless) return 'too-many-errors';
      }
    }
  } catch (error) {
    if (error instanceof SlowBodyError) return 'too-slow';
    throw error;
  }
  await run.take(reader.end());
  return 'whole';
}
