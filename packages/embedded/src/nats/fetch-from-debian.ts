import type { Say } from '../running-server.ts';
import { type Apt, unpackFromDebian } from './debian-package.ts';

/**
 * Downloads Debian's (or Ubuntu's) package with the machine's own sources and keys and unpacks the binary.
 * Nothing is installed, root is not needed, and the system's own package lists are read at most.
 * @returns what went wrong, or undefined when `<directory>/nats-server` is there.
 */
export function fetchFromDebian(
  directory: string,
  say: Say,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return unpackFromDebian(directory, signal, (_workspace, apt) => downloadPackage(apt, say, signal));
}

/** First by the system's lists, which cost nothing; in slim images there are none, or they are out of date. */
async function downloadPackage(
  apt: Apt,
  say: Say,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const download = ['download', 'nats-server'];
  say("nats-server: downloading it from Debian's packages…");
  if ((await apt(['-o', 'Dir::State::lists=/var/lib/apt/lists', ...download])).ok) return undefined;
  signal?.throwIfAborted();
  say('nats-server: reading the package lists…');
  // The result does not matter: one unreachable source among many fails it, and the download will tell.
  const update = await apt(['update']);
  signal?.throwIfAborted();
  say("nats-server: downloading it from Debian's packages…");
  const result = await apt(download);
  return result.ok ? undefined : `Debian's packages: ${update.transcript}\n${result.transcript}`;
}
