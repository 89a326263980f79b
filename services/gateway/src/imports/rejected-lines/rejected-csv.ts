import type { RejectedLine } from '@herald/contracts';

/**
 * The columns of the file of rejected lines. Those that are attributes are named as an import names them; it passes over the
 * other ones, so that the file can be mended and imported as it is.
 */
const COLUMNS = ['line', 'reason', 'phone', 'timezone', 'operatorCode', 'tag', 'original'] as const;

const NEEDS_QUOTES = /[",;\t\r\n]|^[\s=+@-]|\s$/;

const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

export const REJECTED_HEADER = csvLine(COLUMNS);

export const rejectedCsvLine = (line: RejectedLine): string =>
  csvLine(COLUMNS.map((column) => String(line[column] ?? '')));

/**
 * A field of RFC 4180. What a spreadsheet may take for a formula is quoted, and nothing is put before it: it would come back
 * as part of the value.
 */
function csvField(value: string): string {
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
