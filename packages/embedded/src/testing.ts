import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryDirectory = { readonly path: string; remove(): Promise<void> };

/** As `mktemp -d` makes it, which only we may enter (mode 0700), with a space in the name of the inner one. */
export async function makeTemporaryDirectory(): Promise<TemporaryDirectory> {
  const outer = await mkdtemp(join(tmpdir(), 'herald-embedded-'));
  return { path: join(outer, 'with space'), remove: () => rm(outer, { recursive: true, force: true }) };
}

/** Where a binary that was fetched once is kept for all runs in this checkout. */
export const TOOLS_DIRECTORY = join(import.meta.dirname, '..', '..', '..', '.tools');
