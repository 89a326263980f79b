import { join, resolve } from 'node:path';
import { isExecutable } from '../find-executable.ts';
import { findDebianMirror } from './debian-mirror.ts';
import { fetchFromImage } from './fetch-from-image.ts';
import { fetchFromNewerDebian } from './fetch-from-newer-debian.ts';
import { locateNatsServer, type NatsServerSearch } from './locate.ts';
import { type NatsVersion, whyUnusable } from './usable.ts';

/** Older ones check an expected sequence only before they propose: on a cluster two appends can both pass. */
const OLDEST: NatsVersion = [2, 9, 21];

/**
 * The path of a nats-server that is fit for a cluster, the newest that can be had: HERALD_CLUSTER_NATS_SERVER, else one
 * fetched before, else out of a newer Debian's packages (unpacked, not installed), else out of the official image of a
 * running Docker, else the one that runs on this machine otherwise, where it is new enough.
 * @throws with what was tried when there is none; the signal's reason when it is aborted.
 */
export async function locateClusterNatsServer(search: NatsServerSearch): Promise<string> {
  const { toolsDirectory, say, signal } = search;
  const named = process.env.HERALD_CLUSTER_NATS_SERVER?.trim();
  if (named !== undefined && named !== '') {
    const trouble = await whyUnusable(named, OLDEST);
    if (trouble === undefined) return named;
    throw new Error(`HERALD_CLUSTER_NATS_SERVER=${named} cannot be taken: ${trouble}`);
  }
  const directory = join(resolve(toolsDirectory), 'nats-server-cluster');
  const fetched = join(directory, 'nats-server');
  if ((await isExecutable(fetched)) && (await whyUnusable(fetched, OLDEST)) === undefined) return fetched;
  const troubles: string[] = [];
  if (process.platform === 'linux') {
    const mirror = await findDebianMirror();
    const roads = [
      async () =>
        mirror === undefined
          ? "Debian's newer packages: no source here names a mirror of Debian."
          : fetchFromNewerDebian(directory, mirror, OLDEST, say, signal),
      () => fetchFromImage(directory, say, signal),
    ];
    for (const fetchServer of roads) {
      const trouble = await fetchServer();
      signal?.throwIfAborted();
      const unusable = trouble ?? (await whyUnusable(fetched, OLDEST));
      if (unusable === undefined) return fetched;
      troubles.push(unusable);
    }
  }
  try {
    const usual = await locateNatsServer(search);
    const trouble = await whyUnusable(usual, OLDEST);
    if (trouble === undefined) return usual;
    troubles.push(trouble);
  } catch (error) {
    signal?.throwIfAborted();
    troubles.push(error instanceof Error ? error.message : String(error));
  }
  throw new Error(
    'No nats-server for a cluster found: name one, 2.9.21 or newer, in HERALD_CLUSTER_NATS_SERVER.\n' +
      `What was tried:\n${troubles.join('\n')}`,
  );
}
