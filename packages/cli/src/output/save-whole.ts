import { chmod, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { WrongUseError } from '../failures.ts';
import { reasonOf } from '../reason.ts';

/**
 * Writes beside the file, and names it when it is whole; what was begun and broke off is removed. Another file of this name keeps
 * who may read it. What is no file, such as `/dev/null` or a pipe, is written to as it is: nothing must take its place.
 *
 * @throws {WrongUseError} when it cannot be written
 */
export async function saveWhole(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const there = await find(file);
  if (there !== null && !there.isFile) return write(there.path);
  const path = there?.path ?? file;
  const part = `${path}.part`;
  await begin(part, there?.mode).catch((error: unknown) => {
    throw cannotBeWritten(file, reasonOf(error));
  });
  try {
    await write(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

type Found = { readonly path: string; readonly isFile: boolean; readonly mode: number };

/** Behind all links; `null` where nothing is yet. */
async function find(file: string): Promise<Found | null> {
  try {
    const path = await realpath(file);
    const found = await stat(path);
    if (found.isDirectory()) throw cannotBeWritten(file, 'it is a folder');
    return { path, isFile: found.isFile(), mode: found.mode & 0o777 };
  } catch (error) {
    if (error instanceof WrongUseError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw cannotBeWritten(file, reasonOf(error));
  }
}

async function begin(part: string, mode: number | undefined): Promise<void> {
  await (await open(part, 'w')).close();
  if (mode !== undefined) await chmod(part, mode);
}

const cannotBeWritten = (file: string, reason: string): WrongUseError =>
  new WrongUseError(`${file} cannot be written: ${reason}.`);
