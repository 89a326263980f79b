import type { RejectedLine } from '@herald/contracts';
import { newClient } from '../../schemas/client.ts';
import type { ImportRecord } from './import-record.ts';

/** No value that can be taken is as long; what is longer is cut, so that thousands of lines fit a command. Characters. */
const LONGEST_VALUE = 1_000;
const LONGEST_ORIGINAL = 4_000;

const ATTRIBUTES = new Set<string>(Object.keys(newClient.shape));

/**
 * A record that was rejected, in a form that can be mended: by attributes where they tell all of it, else the line as it
 * stood, with no attributes. A line of which a part would be left out must not be taken, without that part, when the file
 * of rejected lines is imported as it is.
 */
export function rejectedLineOf(record: ImportRecord, reason: string): RejectedLine {
  const { line, text } = record;
  const attributes = 'value' in record ? attributesOf(record.value) : null;
  const original = 'value' in record && attributes !== null ? record.original : text;
  return {
    line,
    reason,
    ...attributes,
    ...(original === undefined ? {} : { original: cut(original, LONGEST_ORIGINAL) }),
  };
}

/** Attributes as texts; null where the value is no object of them, or one of them is neither a text nor a number. */
function attributesOf(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const attributes: Record<string, string> = {};
  for (const [name, given] of Object.entries(value)) {
    if (!ATTRIBUTES.has(name) || (typeof given !== 'string' && typeof given !== 'number')) return null;
    attributes[name] = cut(String(given), LONGEST_VALUE);
  }
  return attributes;
}

const cut = (text: string, length: number): string =>
  (text.length > length ? `${text.slice(0, length)}…` : text).toWellFormed();
