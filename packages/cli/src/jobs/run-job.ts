import type { Context } from '../context.ts';
import { EXIT } from '../failures.ts';
import { drawDetails, drawTable } from '../output/table.ts';
import { formatCount, formatDuration, oneLine } from '../output/text.ts';
import { followJob, type Order, orderJob } from './follow-job.ts';
import { differencesOf, type Job } from './job.ts';

const MOST_SHOWN = 50;

/**
 * Orders a job, waits for its end, and says what it has come to.
 * @returns 1 where differences were found, and where the job failed; else 0
 */
export async function runJob(context: Context, order: Order, waits: boolean): Promise<number> {
  const { output } = context;
  const ordered = await orderJob(context, order);
  if (!waits) {
    output.show(ordered, () => `The ${ordered.kind} is ordered (${ordered.id}); it goes on by itself.`);
    return EXIT.done;
  }
  const { lanes } = order.query ?? {};
  if (lanes !== undefined && String(ordered.lanes) !== lanes) {
    output.note(`A ${ordered.kind} with ${ordered.lanes} lanes runs already: this one is waited for.`);
  }
  const ended = await followJob(context, ordered, order);
  output.show(ended, () => drawJob(context, ended));
  return ended.state === 'failed' || differencesOf(ended) > 0 ? EXIT.refused : EXIT.done;
}

function drawJob({ output: { paint } }: Context, ended: Job): string {
  const { differences = [], error, generation, lanes, endedAt, startedAt, kind, events } = ended;
  const found = differencesOf(ended);
  const tookMs = endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  const details = drawDetails(
    [
      [kind, ended.state === 'failed' ? paint('red', `failed: ${oneLine(error ?? 'no reason')}`) : 'done'],
      ['events', formatCount(events)],
      ['took', tookMs === null ? '–' : formatDuration(tookMs)],
      ...(generation === null || generation === undefined ? [] : [['generation', `${generation}`] as const]),
      ...(lanes === null || lanes === undefined ? [] : [['lanes', `${lanes}`] as const]),
      ['differences', found === 0 ? paint('green', 'none') : paint('red', formatCount(found))],
    ],
    paint,
  );
  if (differences.length === 0) return details;
  const shown = differences.slice(0, MOST_SHOWN);
  const table = drawTable(
    [
      { title: 'OF' },
      { title: 'COLUMN' },
      { title: 'LIVE', align: 'right' },
      { title: 'REBUILT', align: 'right' },
    ],
    shown.map(({ mailing, entity, column, live, rebuilt }) => [
      oneLine(mailing ?? entity ?? '–'),
      oneLine(column),
      drawValue(live),
      drawValue(rebuilt),
    ]),
    paint,
  );
  const more = found > shown.length ? [`… and ${formatCount(found - shown.length)} more`] : [];
  return [details, '', table, ...more].join('\n');
}

const drawValue = (value: unknown): string =>
  oneLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? '–'));
