import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a fetched binary in its place in one step: another process may be looking for it, or fetch it too. */
export async function keepBinary(source: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, `.nats-server-${process.pid}`);
  try {
    await copyFile(source, unfinished);
    await chmod(unfinished, 0o755);
    await rename(unfinished, join(directory, 'nats-server'));
  } finally {
    await rm(unfinished, { force: true });
  }
}
