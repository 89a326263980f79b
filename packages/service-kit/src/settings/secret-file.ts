import { readFileSync, statSync } from 'node:fs';

/** Far more than any password, key, certificate chain or credentials file has, bytes. */
const LARGEST = 256 * 1024;
const READABLE_BY_OTHERS = 0o004;

/**
 * A small text file, as tools and people write it: without a byte order mark, with `\n` as line end, without blanks
 * around.
 *
 * @throws Error whose message goes behind the name of a variable, with the path and never with the content
 */
export function readTextFile(path: string): string {
  const text = readBytes(path)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trim();
  if (text === '') throw new Error(`the file ${path} is empty`);
  return text;
}

function readBytes(path: string): Buffer {
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw new Error('it is a folder');
    if (found.size > LARGEST) throw new Error(`it has more than ${LARGEST} bytes`);
    return readFileSync(path);
  } catch (error) {
    throw new Error(`the file ${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is none';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it';
  return error.message;
}

/** Whether every user of the machine may read the file. */
export function isReadableByAll(path: string): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & READABLE_BY_OTHERS) !== 0;
}
