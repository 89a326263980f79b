import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpCall } from '../api/http-call.ts';
import { connectionError } from '../api/http-call.ts';
import type { Context } from '../context.ts';
import { WrongUseError } from '../failures.ts';
import { startProgress } from './progress.ts';
import { saveWhole } from './save-whole.ts';
import { formatBytes } from './text.ts';

export type Saved = { readonly file: string | null; readonly bytes: number; readonly lines: number };

const NEW_LINE = 10;

/**
 * Saves what a call answers in a file, or hands it to standard output, as it comes: nothing is held. A file gets its name
 * only when it is whole.
 *
 * @param file where to; standard output when it is undefined
 * @throws {WrongUseError} when the file cannot be written, or when standard output is to carry documents
 */
export async function saveAnswer(context: Context, call: HttpCall, file: string | undefined): Promise<Saved> {
  const { output, api } = context;
  if (file === undefined && output.isJson) {
    throw new WrongUseError('With --json name a file (-o FILE): standard output carries the documents.');
  }
  const meter = { bytes: 0, lines: 0 };
  const response = await api.open(call);
  // A bar beside a file on the same terminal would tear it.
  const progress = file === undefined && output.stdout.isTTY ? null : startProgress(output);
  const counting = new Transform({
    transform: (chunk: Buffer, _, done) => {
      meter.bytes += chunk.length;
      meter.lines += countLines(chunk);
      progress?.show({
        ...{ done: meter.bytes, total: null, unit: 'lines', counted: meter.lines },
        note: formatBytes(meter.bytes),
      });
      done(null, chunk);
    },
  });
  try {
    const fromHerald = response.on('error', () => {});
    if (file === undefined) await pipeline(fromHerald, counting, output.stdout, { end: false });
    else await saveWhole(file, (path) => pipeline(fromHerald, counting, createWriteStream(path)));
  } catch (error) {
    context.signal.throwIfAborted();
    throw isCutOff(error) ? connectionError(api.url, error, true) : error;
  } finally {
    progress?.stop();
    response.destroy();
  }
  return { file: file ?? null, ...meter };
}

const isCutOff = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && ['ECONNRESET', 'EPIPE'].includes(String(error.code));

export function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEW_LINE); at !== -1; at = chunk.indexOf(NEW_LINE, at + 1)) lines += 1;
  return lines;
}
