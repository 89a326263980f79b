import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Folders with what clients said and did, and with secrets. */
const SUBFOLDERS = ['nats', 'postgres', 'provider'];
const OURS = /^(nats|postgres|provider|(ports|system)\.json(\.new)?|launcher\.lock(\.\d+)?)$/;
const OTHERS = 0o077;
const PRIVATE = 0o700;

/**
 * Makes the data folder, which only its owner may enter, and tightens one that an earlier release has made. A folder
 * that holds more than Herald's data (HERALD_DATA=/srv) stays open to those who use the rest; only what is in it is
 * closed. A PostgreSQL that runs as another user than we gets through all the same (see runAs of @herald/embedded).
 *
 * @throws when the folder can neither be made nor read
 */
export async function makePrivate(directory: string, warn: (line: string) => void): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(directory, { mode: PRIVATE }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  const foreign = (await readdir(directory)).filter((name) => !OURS.test(name));
  const subfolders = SUBFOLDERS.map((name) => join(directory, name));
  for (const folder of foreign.length === 0 ? [directory, ...subfolders] : subfolders) {
    await tighten(folder, warn);
  }
}

async function tighten(folder: string, warn: (line: string) => void): Promise<void> {
  const mode = (await stat(folder).catch(() => undefined))?.mode ?? 0;
  if ((mode & OTHERS) === 0) return;
  try {
    await chmod(folder, PRIVATE);
    warn(`${folder} was open to other users of this machine; now only its owner may enter it`);
  } catch (error) {
    warn(`${folder} is open to other users of this machine, and cannot be closed: ${String(error)}`);
  }
}
