import { type FileFormat, fileFormat } from '@herald/contracts';
import { z } from '@hono/zod-openapi';

/** The parameter of every export. */
export const formatParameter = fileFormat
  .clone()
  .default('csv')
  .openapi({ description: '`csv`: RFC 4180 with a row of names; `ndjson`: an object of JSON a line' });

export const CONTENT_TYPES: Record<FileFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
};

/** An answer that is a file, for the documentation. */
export const fileAnswer = (
  description: string,
  examples: { readonly csv: string; readonly ndjson: string },
) => ({
  description,
  headers: z.object({
    'Content-Disposition': z.string().openapi({ description: 'Names the file' }),
  }),
  content: {
    'text/csv': { schema: z.string().openapi({ example: examples.csv }) },
    'application/x-ndjson': { schema: z.string().openapi({ example: examples.ndjson }) },
  },
});

/** What every export promises, for the documentation. */
export const STREAMED =
  'Streamed, not compressed. A file that cannot be finished ends with a broken connection, without the last chunk: a client that checks it (`curl` does) never takes a part for the whole. Who takes less than 64 KiB in a minute is cut off.';
