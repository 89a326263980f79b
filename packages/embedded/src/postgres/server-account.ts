import { stat } from 'node:fs/promises';
import type { Account } from '../run-as.ts';

/** `nobody` on every Linux. */
const UNPRIVILEGED: Account = { uid: 65_534, gid: 65_534 };

/**
 * As whom PostgreSQL has to run: undefined means as we do. As root, which it refuses, it runs as the owner of
 * the cluster, so that one made by an ordinary user remains theirs, and a new one as an unprivileged account.
 */
export async function findServerAccount(clusterDirectory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const cluster = await stat(clusterDirectory).catch(() => undefined);
  if (cluster === undefined || cluster.uid === 0) return UNPRIVILEGED;
  return { uid: cluster.uid, gid: cluster.gid };
}
