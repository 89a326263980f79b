import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';

const BLOCK_BYTES = 1_048_576;
const LINE_FEED = 10;

const entryLineSchema = z.object({
  sequence: z.number().int(),
  at: z.number(),
  messageId: z.number().nullable(),
  phone: z.number().nullable(),
  text: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  attempt: z.number().int(),
  accepted: z.boolean(),
  repeat: z.boolean(),
  outcome: z.string(),
});
const abortedLineSchema = z.object({ sequence: z.number().int(), aborted: z.literal(true) });
const lineSchema = z.union([entryLineSchema, abortedLineSchema]);

export type JournalLine = z.infer<typeof lineSchema>;

/**
 * Reads a journal back, line by line, without holding it in memory. A last line without its line feed was
 * torn when the writer was killed: its request was never answered, and it is left out.
 *
 * @returns the bytes of whole lines; 0 where there is no such file yet
 * @throws where a whole line is not a journal's, naming the line
 */
export function readJournalFile(path: string, onLine: (line: JournalLine) => void): number {
  let wholeBytes = 0;
  let lineNumber = 0;
  for (const bytes of linesOf(path)) {
    lineNumber += 1;
    onLine(parseLine(bytes.toString('utf8'), `${path}, line ${lineNumber}`));
    wholeBytes += bytes.length + 1;
  }
  return wholeBytes;
}

function parseLine(text: string, place: string): JournalLine {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${place} is not a line of a provider journal`, { cause });
  }
}

function* linesOf(path: string): Generator<Buffer> {
  const descriptor = openIfThere(path);
  if (descriptor === null) return;
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const length = readSync(descriptor, block);
      if (length === 0) return;
      const bytes = Buffer.concat([rest, block.subarray(0, length)]);
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
        yield bytes.subarray(start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
