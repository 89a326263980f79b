import { readLabel } from '@herald/domain';
import { z } from '@hono/zod-openapi';

/** C0, DEL and C1 but line breaks and tabulators: no log, terminal or database should ever meet them. */
const CONTROL_BUT_LINES = /(?![\n\r\t])\p{Cc}/u;
/** A character of NFC may have been several, and blanks around do not count; nothing near this is looked at. */
const LONGEST_FACTOR = 20;

interface TextBounds {
  readonly min: number;
  readonly max: number;
}

/** Text of so many characters (code points, as people count and JSON Schema means), line breaks among them. */
export const text = ({ min, max }: TextBounds) =>
  z
    .string()
    .superRefine((value, context) => {
      const message = textFault(value) ?? lengthFault(value, min, max);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .openapi({ minLength: min, maxLength: max });

/** A label of so many characters, read as {@link readLabel} does: the one way in which it is written and compared. */
export const label = ({ min, max }: TextBounds) =>
  z
    .string()
    .overwrite((given) => {
      const reading = given.length > max * LONGEST_FACTOR ? null : readLabel(given);
      return reading?.kind === 'label' ? reading.label : given;
    })
    .superRefine((value, context) => {
      const message = lengthFault(value, min, max) ?? labelFault(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .openapi({ minLength: min, maxLength: max });

function textFault(value: string): string | undefined {
  if (!value.isWellFormed()) return 'holds half a character (a lone surrogate)';
  return CONTROL_BUT_LINES.test(value) ? 'must not hold control characters' : undefined;
}

function labelFault(value: string): string | undefined {
  const reading = readLabel(value);
  return reading.kind === 'faulty' ? reading.fault : undefined;
}

function lengthFault(value: string, min: number, max: number): string | undefined {
  const length = value.length > max * 2 ? value.length : [...value].length;
  if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
  return length > max ? `must have at most ${max} characters` : undefined;
}
