import { type Paint, paintStatus } from '../output/paint.ts';
import { drawBar } from '../output/progress-line.ts';
import { drawTable } from '../output/table.ts';
import { formatCount, formatDuration, formatMoment, oneLine } from '../output/text.ts';
import type { Report } from './report.ts';

const BAR_WIDTH = 20;

/** The state of all parts, as lines. */
export function drawReport(report: Report, paint: Paint): readonly string[] {
  const sections = [drawHead(report, paint), drawServices(report, paint), drawSenders(report, paint)];
  if (report.openMailings.length > 0) sections.push(drawMailings(report, paint));
  if (report.lanes.length > 0) sections.push(drawLanes(report, paint));
  return sections.join('\n\n').split('\n');
}

function drawHead({ asOf, provider, commandBacklog }: Report, paint: Paint): string {
  const { breaker, pausedUntil, tokenRejected } = provider;
  const parts = [
    `${paint('bold', 'Herald')}  ${formatMoment(asOf)}`,
    breaker === null ? paint('red', 'no sender') : `provider ${paintStatus(paint, oneLine(breaker))}`,
    pausedUntil === null ? '' : paint('yellow', `paused until ${formatMoment(pausedUntil)}`),
    tokenRejected ? paint('red', 'its token is rejected') : '',
    commandBacklog === null
      ? paint('yellow', 'commands that wait: unknown')
      : `${formatCount(commandBacklog)} commands wait`,
  ];
  return parts.filter((part) => part !== '').join(' | ');
}

function drawServices({ services, asOf }: Report, paint: Paint): string {
  const instances = Object.values(services).flat();
  return drawTable(
    ['SERVICE', 'INSTANCE', 'STATE', 'UP FOR', 'PROBLEMS'].map((title) => ({ title })),
    instances.map(({ service, instance, ready, startedAt, problems }) => [
      oneLine(service),
      oneLine(instance),
      ready ? paint('green', 'ready') : paint('red', 'not ready'),
      formatDuration(Date.parse(asOf) - Date.parse(startedAt)),
      Object.entries(problems)
        .map(([part, problem]) => oneLine(`${part}: ${problem}`))
        .join('; '),
    ]),
    paint,
  );
}

function drawSenders({ provider: { senders } }: Report, paint: Paint): string {
  if (senders.length === 0) return paint('red', 'No sender answers: nothing is sent.');
  return drawTable(
    [
      { title: 'SENDER' },
      { title: 'BREAKER' },
      { title: 'CALLS', align: 'right' },
      { title: 'PAUSED UNTIL' },
      { title: 'TOKEN' },
    ],
    senders.map(({ instance, breaker, slots, pausedUntil, tokenRejected }) => [
      oneLine(instance),
      paintStatus(paint, oneLine(breaker ?? '–')),
      slots === null ? '–' : `${slots.used}/${slots.total}`,
      formatMoment(pausedUntil),
      tokenRejected ? paint('red', 'rejected') : 'right',
    ]),
    paint,
  );
}

function drawMailings({ openMailings }: Report, paint: Paint): string {
  return drawTable(
    [{ title: 'OPEN MAILING' }, { title: 'STATUS' }, { title: 'BATCHES', align: 'right' }, { title: '' }],
    openMailings.map(({ id, status, batches, batchesDone }) => [
      oneLine(id),
      paintStatus(paint, oneLine(status)),
      `${formatCount(batchesDone)}/${formatCount(batches)}`,
      batches === 0 ? '' : drawBar(batchesDone / batches, BAR_WIDTH),
    ]),
    paint,
  );
}

function drawLanes({ lanes }: Report, paint: Paint): string {
  return drawTable(
    [
      { title: 'LANE', align: 'right' },
      { title: 'POSITION', align: 'right' },
      { title: 'BEHIND', align: 'right' },
      { title: 'AT' },
    ],
    lanes.map(({ lane, sequence, behind, instance }) => [
      oneLine(String(lane)),
      formatCount(sequence),
      behind > 0 ? paint('yellow', formatCount(behind)) : '0',
      oneLine(instance),
    ]),
    paint,
  );
}
