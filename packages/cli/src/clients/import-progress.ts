import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { NotReachableError, RefusedError } from '../failures.ts';
import type { Progress } from '../output/progress.ts';
import { countLines } from '../output/save.ts';
import type { ImportSource } from './import-source.ts';

const importState = z.looseObject({ registered: z.int(), updated: z.int(), rejected: z.int() });

const FIRST_LOOK_MS = 200;
const LOOK_EVERY_MS = 500;
/** An import that is read is known after its first lines. */
const LOOKS_WITHOUT_AN_ANSWER = 20;

/** How far an import is, while its file is sent and carried out. */
export type ImportProgress = {
  /** Told of every piece that is sent. */
  sent(chunk: Buffer): void;
  /** Whether anything was sent. */
  readonly isBegun: boolean;
  stop(): void;
};

type Seen = { bytes: number; lines: number; carriedOut: number | 'unknown' | 'not told' };

/**
 * Shows how many lines are carried out: a file is sent much faster, and a bar by its bytes would stand at its end for most of the
 * time. Where Herald does not tell, it is the bytes. How many lines there are is estimated until all are sent.
 */
export function showImport(
  { api, signal }: Context,
  source: ImportSource,
  key: string,
  progress: Progress,
): ImportProgress {
  const seen: Seen = { bytes: 0, lines: 0, carriedOut: 'unknown' };
  const stopping = new AbortController();
  const show = (): void => {
    if (!stopping.signal.aborted) progress.show(stateOf(seen, source));
  };
  const look = async (): Promise<void> => {
    try {
      const { registered, updated, rejected } = await api.get(`/imports/${importIdOf(key)}`, importState);
      seen.carriedOut = registered + updated + rejected;
    } catch (error) {
      // The import itself tells what is wrong. This is only about what is shown meanwhile.
      if (!(error instanceof RefusedError || error instanceof NotReachableError)) throw error;
      if (error instanceof RefusedError && error.problem.code !== 'import-not-found')
        seen.carriedOut = 'not told';
    }
  };
  const follow = async (): Promise<void> => {
    await sleep(FIRST_LOOK_MS, undefined, { signal: stopping.signal });
    for (let looks = 1; seen.carriedOut !== 'not told'; looks += 1) {
      await look();
      if (looks >= LOOKS_WITHOUT_AN_ANSWER && seen.carriedOut === 'unknown') seen.carriedOut = 'not told';
      show();
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal });
    }
  };
  follow().catch((error: unknown) => {
    if (!stopping.signal.aborted && !signal.aborted) throw error;
  });
  return {
    sent: (chunk) => {
      seen.bytes += chunk.length;
      seen.lines += countLines(chunk);
      show();
    },
    get isBegun() {
      return seen.bytes > 0;
    },
    stop: () => stopping.abort(),
  };
}

function stateOf({ bytes, lines, carriedOut }: Seen, source: ImportSource) {
  const isSent = bytes === source.bytes;
  const note = isSent ? 'all is sent' : '';
  const unit = 'lines';
  // By nothing: a bar by bytes that then becomes one by lines would go back.
  if (carriedOut === 'unknown') return { done: lines, total: null, unit, perSecond: null, note: 'sent' };
  if (carriedOut === 'not told') return { done: bytes, total: source.bytes, unit, counted: lines, note };
  const header = source.contentType === 'text/csv' ? 1 : 0;
  const share = source.bytes === null || bytes === 0 ? null : bytes / source.bytes;
  const total = share === null ? null : Math.max(carriedOut, Math.round(Math.max(0, lines - header) / share));
  return { done: carriedOut, total, unit, note };
}

/**
 * The id under which Herald carries an import out: a UUID of version 8, made of its key, so that a repeat is the same import.
 * The answer tells it, but only when all is over.
 */
function importIdOf(key: string): string {
  const digest = createHash('sha256').update(`command\u0000${key}`).digest('hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`];
  return [...parts, `${variant}${digest.slice(17, 20)}`, digest.slice(20, 32)].join('-');
}
