import { directoryRebuildQuery, LOOK_AGAIN_SUBJECT, startDirectoryRebuildQuery } from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { Dependencies } from '../dependencies.ts';
import { findLatest, requestRebuild } from './rebuild-record.ts';

/**
 * Takes requests for a rebuild, and tells how far it is. Any instance answers; the one that has the lock hears of a request and
 * does the work.
 *
 * @returns ends the answering
 */
export function serveRebuild({ runtime, database }: Dependencies): () => Promise<void> {
  const { broker, log } = runtime;
  const tell = (): void => broker.connection.publish(LOOK_AGAIN_SUBJECT);
  const ends = [
    serveQuery(broker, log, startDirectoryRebuildQuery, async () => {
      const rebuild = await requestRebuild(database);
      tell();
      return { rebuild };
    }),
    serveQuery(broker, log, directoryRebuildQuery, async () => {
      const rebuild = await findLatest(database);
      // Whoever should have heard of it may have been away: they look again.
      if (rebuild?.endedAt === null) tell();
      return { rebuild };
    }),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}
