import type { FileFormat, Message } from '@herald/contracts';
import { csvRow } from '@herald/service-kit';

/** The columns of a file, in their order; as the attributes of a message are named. */
const COLUMNS = [
  'id',
  'mailingId',
  'clientId',
  'status',
  'createdAt',
  'endedAt',
  'attempts',
  'error',
] as const satisfies readonly (keyof Message)[];

/** What a file begins with. */
export const headOf = (format: FileFormat): string => (format === 'csv' ? csvRow(COLUMNS) : '');

/** A message as a whole line of a file. What CSV has no word for, as the end of a queued message, is empty there. */
export function lineOf(message: Message, format: FileFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(message)}\n`;
  return csvRow(COLUMNS.map((column) => message[column] ?? ''));
}
