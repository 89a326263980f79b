import { z } from 'zod';
import { type Paint, paintStatus } from '../output/paint.ts';
import { drawDetails } from '../output/table.ts';
import { formatMoment, oneLine } from '../output/text.ts';

const filter = z.looseObject({
  everyone: z.boolean().optional(),
  operatorCodes: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
});

export const mailing = z.looseObject({
  id: z.string(),
  name: z.string().nullable(),
  text: z.string(),
  status: z.string(),
  startAt: z.string(),
  endAt: z.string(),
  filter,
  localWindow: z.looseObject({ from: z.string(), to: z.string() }).nullable(),
  rateLimit: z.number().nullable().optional(),
  priority: z.number().optional(),
  version: z.int(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  settledAt: z.string().nullable(),
});
export type Mailing = z.output<typeof mailing>;

export const mailingPage = z.looseObject({
  items: z.array(mailing),
  nextCursor: z.string().nullable(),
});

export function drawMailing(found: Mailing, paint: Paint): string {
  const { localWindow, rateLimit, priority } = found;
  const rows: ReadonlyArray<readonly [string, string] | null> = [
    ['id', found.id],
    ['name', oneLine(found.name ?? '–')],
    ['status', paintStatus(paint, found.status)],
    ['text', oneLine(found.text)],
    ['for', drawFilter(found.filter)],
    ['start', formatMoment(found.startAt)],
    ['end', formatMoment(found.endAt)],
    localWindow && ['local window', `${localWindow.from}–${localWindow.to}`],
    rateLimit === null || rateLimit === undefined ? null : ['rate limit', `${rateLimit}/s`],
    priority === undefined ? null : ['priority', String(priority)],
    ['started', formatMoment(found.startedAt)],
    ['ended', formatMoment(found.endedAt)],
    ['settled', formatMoment(found.settledAt)],
    ['version', String(found.version)],
  ];
  return drawDetails(
    rows.filter((row) => row !== null),
    paint,
  );
}

export function drawFilter({ everyone, operatorCodes, tags }: Mailing['filter']): string {
  if (everyone === true) return 'everyone';
  const parts = [
    operatorCodes === undefined ? '' : `operator codes ${operatorCodes.join(', ')}`,
    tags === undefined ? '' : `tags ${tags.map((tag) => JSON.stringify(oneLine(tag))).join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}
