import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from '../running-server.ts';
import type { DebianMirror } from './debian-mirror.ts';
import { type Apt, unpackFromDebian } from './debian-package.ts';
import { type NatsVersion, whyUnusable } from './usable.ts';

/** The newest first. What does not run on this machine's libraries is left for the next. */
const NEWER_SUITES = ['sid', 'trixie'];

/**
 * Downloads the package of a newer Debian than the machine's own, from the machine's mirror and by its keys, through a
 * source list that nothing else reads. The system's own lists and packages stay what they are.
 * @returns what went wrong, or undefined when `<directory>/nats-server` is there and is `oldest` or newer.
 */
export async function fetchFromNewerDebian(
  directory: string,
  mirror: DebianMirror,
  oldest: NatsVersion,
  say: Say,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const troubles: string[] = [];
  for (const suite of NEWER_SUITES) {
    const trouble = await unpackFromDebian(directory, signal, (workspace, apt) =>
      downloadFrom(suite, mirror, workspace, apt, say),
    );
    signal?.throwIfAborted();
    const unusable = trouble ?? (await whyUnusable(join(directory, 'nats-server'), oldest));
    if (unusable === undefined) return undefined;
    troubles.push(`${suite}: ${unusable}`);
  }
  return troubles.join('\n');
}

async function downloadFrom(
  suite: string,
  { uri, signedBy }: DebianMirror,
  workspace: string,
  apt: Apt,
  say: Say,
): Promise<string | undefined> {
  const list = join(workspace, 'sources.list');
  const keys = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
  await writeFile(list, `deb ${keys}${uri} ${suite} main\n`);
  const only = ['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=/dev/null'];
  say(`nats-server: downloading it from Debian's packages of ${suite}…`);
  const update = await apt([...only, 'update']);
  if (!update.ok) return update.transcript;
  const download = await apt([...only, 'download', 'nats-server']);
  return download.ok ? undefined : download.transcript;
}
