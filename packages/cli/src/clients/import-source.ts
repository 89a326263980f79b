import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { WrongUseError } from '../failures.ts';
import { reasonOf } from '../reason.ts';

/** A file to import. */
export type ImportSource = {
  readonly contentType: 'text/csv' | 'application/x-ndjson';
  /** `null` where it comes through a pipe. */
  readonly bytes: number | null;
  /** Whether it can be read from its begin again. */
  readonly isRepeatable: boolean;
  read(): Readable;
};

const NDJSON_NAMES = new Set(['.ndjson', '.jsonl']);

/**
 * @param file a path, or `-` for standard input
 * @throws {WrongUseError} when it is no file that can be read
 */
export async function openSource(
  file: string,
  format: 'csv' | 'ndjson' | undefined,
  stdin: Readable,
): Promise<ImportSource> {
  const isNdjson = format === undefined ? NDJSON_NAMES.has(extname(file).toLowerCase()) : format === 'ndjson';
  const contentType = isNdjson ? 'application/x-ndjson' : 'text/csv';
  if (file === '-') return { contentType, bytes: null, isRepeatable: false, read: () => stdin };
  try {
    await (await open(file, 'r')).close();
    const found = await stat(file);
    if (found.isDirectory()) throw new Error('it is a folder');
    // A named pipe, or what a shell makes of <(…), has no size and can be read once.
    const isFile = found.isFile();
    return {
      contentType,
      bytes: isFile ? found.size : null,
      isRepeatable: isFile,
      read: () => createReadStream(file),
    };
  } catch (error) {
    throw new WrongUseError(`${file} cannot be read: ${reasonOf(error)}.`);
  }
}
