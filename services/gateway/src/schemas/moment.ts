import { z } from '@hono/zod-openapi';

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/;
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

/**
 * A moment as people send it, ISO 8601 with an offset, normalised to UTC with milliseconds. Days that no calendar has
 * (30 February) are refused instead of being moved.
 */
export const moment = z
  .string()
  .transform((value, context) => {
    const milliseconds = readMoment(value);
    if (milliseconds === null) {
      context.addIssue({ code: 'custom', message: 'must be an existing ISO 8601 time with an offset' });
      return z.NEVER;
    }
    const date = new Date(milliseconds);
    if (date.getUTCFullYear() < FIRST_YEAR || date.getUTCFullYear() > LAST_YEAR) {
      context.addIssue({ code: 'custom', message: `must be in the years ${FIRST_YEAR}–${LAST_YEAR}` });
      return z.NEVER;
    }
    return date.toISOString();
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-01-31T09:00:00+03:00' });

/** Milliseconds since 1970, or `null` where the text names no moment. Beyond milliseconds digits are cut off. */
function readMoment(value: string): number | null {
  const match = FORM.exec(value);
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const milliseconds = Number((match[7] ?? '0').padEnd(3, '0').slice(0, 3));
  const local = Date.UTC(year, month - 1, day, part(4), part(5), part(6), milliseconds);
  const date = new Date(local);
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists) return null;
  const offsetMinutes = (part(9) * 60 + part(10)) * (match[8] === '-' ? -1 : 1);
  return local - offsetMinutes * 60_000;
}
