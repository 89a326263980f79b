import { EVENTS_STREAM, eventSubjects } from '@herald/contracts';
import { loadLastMessage } from '@herald/event-log';
import { readCheckpoint } from '@herald/postgres';
import { FOLD } from './database/look.ts';
import type { Dependencies } from './dependencies.ts';
import { currentPosition } from './queries/current-position.ts';

const LOOK_MS = 100;

/**
 * Waits until the directory holds everything that stood in the log when this was called. Commands are carried out only
 * from then on: a phone that a rebuilt directory has not met yet would look free.
 */
export async function awaitDirectory(dependencies: Dependencies, signal: AbortSignal): Promise<void> {
  const { broker, log } = dependencies.runtime;
  for (;;) {
    try {
      const last = await loadLastMessage(broker, EVENTS_STREAM, eventSubjects.allEntities);
      // A directory that belongs to another log is never ready, whatever its position says.
      await readCheckpoint(dependencies.database, FOLD, broker);
      while ((await currentPosition(dependencies.database)).sequence < (last?.seq ?? 0)) {
        await pause(signal);
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ err: error }, 'the directory is not ready yet');
      await pause(signal);
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  signal.throwIfAborted();
}
