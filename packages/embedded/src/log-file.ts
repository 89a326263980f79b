import { mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_AT_BYTES = 10 * 1024 * 1024;
const TAIL_CHARACTERS = 2_000;

export type LogFile = {
  /** Open for appending; whoever gets it closes it. */
  readonly descriptor: number;
  /** The end of what was written since it was opened. */
  tail(): string;
};

/** Opens a server's log for appending; one that has grown over 10 MiB is put aside as `.old` first. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if (sizeOf(path) > ROTATE_AT_BYTES) renameSync(path, `${path}.old`);
  const start = sizeOf(path);
  return {
    descriptor: openSync(path, 'a', 0o600),
    tail: () => readFileSync(path).subarray(start).toString('utf8').slice(-TAIL_CHARACTERS).trim(),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
