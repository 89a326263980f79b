import { isTimezone } from '@herald/domain';
import { text } from './text.ts';

const LONGEST_NAME = 64;

/** There are some 600 names; an import asks for the same few ones a million times, and asking costs 30 µs. */
const known = new Set<string>();
const MOST_KNOWN = 2_000;

function isKnownTimezone(name: string): boolean {
  if (known.has(name)) return true;
  if (!isTimezone(name)) return false;
  if (known.size < MOST_KNOWN) known.add(name);
  return true;
}

/** An IANA name or an offset that the calendar knows. */
export const timezone = text({ min: 1, max: LONGEST_NAME })
  .refine(isKnownTimezone, 'must be an IANA time zone or an offset like +03:00')
  .openapi({ example: 'Europe/Moscow' });
