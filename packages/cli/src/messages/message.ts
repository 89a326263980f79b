import { z } from 'zod';
import { type Paint, paintStatus } from '../output/paint.ts';
import { drawTable } from '../output/table.ts';
import { cutText, formatMoment, oneLine } from '../output/text.ts';

/** A message, as every call answers it. */
export const message = z.looseObject({
  id: z.number(),
  mailingId: z.string(),
  clientId: z.string(),
  status: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  attempts: z.number(),
  error: z.string().nullable(),
});
export type Message = z.output<typeof message>;
export const messagePage = z.looseObject({ items: z.array(message), nextCursor: z.string().nullable() });

const LONGEST_ERROR = 60;

/** @param of whose they are not all: what differs from one to another */
export function drawMessages(items: readonly Message[], of: 'clientId' | 'mailingId', paint: Paint): string {
  return drawTable(
    [
      { title: 'ID', align: 'right' },
      { title: of === 'clientId' ? 'CLIENT' : 'MAILING' },
      { title: 'STATUS' },
      { title: 'ENDED' },
      { title: 'ATTEMPTS', align: 'right' },
      { title: 'ERROR' },
    ],
    items.map((each) => [
      String(each.id),
      each[of],
      paintStatus(paint, each.status),
      formatMoment(each.endedAt),
      String(each.attempts),
      cutText(oneLine(each.error ?? ''), LONGEST_ERROR),
    ]),
    paint,
  );
}
