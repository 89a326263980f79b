import { join, resolve } from 'node:path';
import { findExecutable, isExecutable } from '../find-executable.ts';
import type { Say } from '../running-server.ts';
import { fetchFromDebian } from './fetch-from-debian.ts';
import { fetchFromImage } from './fetch-from-image.ts';
import { type NatsVersion, whyUnusable } from './usable.ts';

export type NatsServerSearch = {
  /** Where a binary that had to be fetched is kept for the next time. */
  readonly toolsDirectory: string;
  readonly say: Say;
  /** Gives up a download which is under way. */
  readonly signal?: AbortSignal;
};

const OLDEST: NatsVersion = [2, 9, 0];
const ADVICE =
  'Install nats-server 2.9 or newer (Debian, Ubuntu: `apt-get install nats-server`; macOS: `brew install ' +
  'nats-server`; else https://github.com/nats-io/nats-server/releases), or name a binary in HERALD_NATS_SERVER, ' +
  'or set NATS_URL to a running server with JetStream.';

/**
 * The path of a nats-server that runs on this machine: HERALD_NATS_SERVER, else PATH, else one fetched before,
 * else from Debian's packages (unpacked, not installed), else out of the official image of a running Docker.
 * @throws with what to install when there is none; the signal's reason when it is aborted.
 */
export async function locateNatsServer({ toolsDirectory, say, signal }: NatsServerSearch): Promise<string> {
  const named = process.env.HERALD_NATS_SERVER?.trim();
  if (named !== undefined && named !== '') {
    const trouble = await whyUnusable(named, OLDEST);
    if (trouble === undefined) return named;
    throw new Error(`HERALD_NATS_SERVER=${named} is not a nats-server that runs here: ${trouble}`);
  }
  const installed = await findExecutable('nats-server');
  if (installed !== undefined && (await whyUnusable(installed, OLDEST)) === undefined) return installed;

  const directory = join(resolve(toolsDirectory), 'nats-server');
  const fetched = join(directory, 'nats-server');
  if ((await isExecutable(fetched)) && (await whyUnusable(fetched, OLDEST)) === undefined) return fetched;
  if (process.platform !== 'linux') throw new Error(`No nats-server found. ${ADVICE}`);
  const troubles: string[] = [];
  for (const fetchServer of [fetchFromDebian, fetchFromImage]) {
    const trouble = await fetchServer(directory, say, signal);
    signal?.throwIfAborted();
    const unusable = trouble ?? (await whyUnusable(fetched, OLDEST));
    if (unusable === undefined) return fetched;
    troubles.push(unusable);
  }
  throw new Error(`No nats-server found. ${ADVICE}\nWhat was tried:\n${troubles.join('\n')}`);
}
