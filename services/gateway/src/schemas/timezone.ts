import { canonicalTimezone, trimBlanks } from '@herald/domain';
import { z } from '@hono/zod-openapi';

const LONGEST_NAME = 64;

/** An IANA name or an offset that local windows can be read in, as IANA spells it. */
export const timezone = z
  .string()
  .overwrite((given) => canonicalTimezone(trimBlanks(given)) ?? given)
  .refine((name) => canonicalTimezone(name) !== null, 'must be an IANA time zone or an offset like +03:00')
  .openapi({ minLength: 1, maxLength: LONGEST_NAME, example: 'Europe/Moscow' });
