import type { Client, FileFormat } from '@herald/contracts';
import { csvRow } from '@herald/service-kit';
import { newClient } from '../../schemas/client.ts';

/** What an import takes, and nothing else: an import refuses what it does not know. */
const COLUMNS = Object.keys(newClient.shape) as (keyof typeof newClient.shape)[];

/** What a file begins with. */
export const headOf = (format: FileFormat): string => (format === 'csv' ? csvRow(COLUMNS) : '');

/** A client as a whole line of a file, as an import reads it. */
export const lineOf = (client: Client, format: FileFormat): string =>
  format === 'csv'
    ? csvRow(COLUMNS.map((column) => client[column]))
    : `${JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column, client[column]])))}\n`;
