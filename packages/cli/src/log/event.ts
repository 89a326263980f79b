import { z } from 'zod';
import type { Paint } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';
import { describeData } from './describe-data.ts';

/** An event of the log, as people are shown it. */
export const logEvent = z.looseObject({
  position: z.number(),
  at: z.string(),
  /** Null where not even that can be read. */
  type: z.string().nullable(),
  actor: z.string().nullable().optional(),
  correlationId: z.string().nullable().optional(),
  data: z.unknown().optional(),
  /** Why the event, or a part of it, cannot be read. */
  unreadable: z.string().optional(),
});
export type LogEvent = z.output<typeof logEvent>;

export const logPage = z.looseObject({ items: z.array(logEvent), nextCursor: z.string().nullable() });

const LONGEST_DATA = 140;

export function drawEvents(events: readonly LogEvent[], paint: Paint): string {
  return drawTable(
    [
      { title: 'POSITION', align: 'right' },
      { title: 'AT' },
      { title: 'EVENT' },
      { title: 'ACTOR' },
      { title: 'CORRELATION' },
      { title: 'DATA' },
    ],
    events.map((event) => [
      String(event.position),
      formatMoment(event.at),
      paint('cyan', oneLine(event.type ?? '–')),
      oneLine(event.actor ?? '–'),
      oneLine(event.correlationId ?? '–'),
      drawData(event),
    ]),
    paint,
  );
}

/** An event as one line, for a log that goes on. */
export const drawEventLine = (event: LogEvent, paint: Paint): string =>
  [
    paint('dim', String(event.position).padStart(8)),
    formatMoment(event.at),
    paint('cyan', oneLine(event.type ?? '–')),
    oneLine(event.actor ?? '–'),
    paint('dim', oneLine(event.correlationId ?? '–')),
    drawData(event),
  ].join('  ');

function drawData({ data, unreadable }: LogEvent): string {
  const text = cutText(describeData(data), LONGEST_DATA);
  return unreadable === undefined ? text : `(unreadable: ${oneLine(unreadable)}) ${text}`.trim();
}
