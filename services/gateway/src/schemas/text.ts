import { z } from '@hono/zod-openapi';

/** C0, DEL and C1: no log, terminal or database should ever meet them. */
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /(?![\n\r\t])\p{Cc}/u;

interface TextBounds {
  readonly min: number;
  readonly max: number;
  /** Line breaks and tabulators are allowed. */
  readonly lines?: boolean;
}

/** Text of so many characters (code points, as people count and JSON Schema means), without control characters. */
export function text({ min, max, lines = false }: TextBounds) {
  const forbidden = lines ? CONTROL_BUT_LINES : CONTROL;
  return z
    .string()
    .superRefine((value, context) => {
      const message = faultOf(value, min, max, forbidden);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .openapi({ minLength: min, maxLength: max });
}

function faultOf(value: string, min: number, max: number, forbidden: RegExp): string | undefined {
  if (!value.isWellFormed()) return 'holds half a character (a lone surrogate)';
  if (forbidden.test(value)) return 'must not hold control characters';
  const length = value.length > max * 2 ? value.length : [...value].length;
  if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
  return length > max ? `must have at most ${max} characters` : undefined;
}
