import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { type Look, look, type Position } from '../database/look.ts';
import type { Tables } from '../database/tables.ts';

/** Models whose log looks like another one at this moment. */
const doubted = new WeakSet<Kysely<Tables>>();

/** The directory cannot be relied on at this moment; it comes right by itself, or its fold says what is wrong. */
export class DirectoryNotReadyError extends Error {
  override readonly name = 'DirectoryNotReadyError';
}

/** While the log is doubted nothing is answered or decided from the model that follows it. */
export function setLogDoubted(database: Kysely<Tables>, isDoubted: boolean): void {
  if (isDoubted) doubted.add(database);
  else doubted.delete(database);
}

/** How far the model is now. @throws what {@link reliablePosition} throws */
export const currentPosition = async (database: Kysely<Tables>): Promise<Position> =>
  reliablePosition(database, await look(database, null));

/**
 * How far the model is by a look at it.
 *
 * @throws DirectoryNotReadyError where the model is behind what it was: another instance rebuilds it, and half of it would
 *   be taken for the whole (clients for removed, phones for free); and where the log may be another one
 */
export function reliablePosition(database: Kysely<Tables>, { position, before }: Look): Position {
  if (doubted.has(database))
    throw new DirectoryNotReadyError('the log may be another one, and is looked at again');
  if (position === undefined) throw new DirectoryNotReadyError('nothing is folded yet');
  if (position.sequence < before)
    throw new DirectoryNotReadyError(
      `the model is being rebuilt: at ${position.sequence}, it was at ${before}`,
    );
  return position;
}

const LOOK_AGAIN_MS = 10;

/**
 * Waits until a position of the log is folded.
 *
 * @param withinMs how long at most, milliseconds
 * @throws DirectoryNotReadyError when it takes longer, or the directory cannot be relied on
 */
export async function untilFolded(
  database: Kysely<Tables>,
  sequence: number,
  withinMs: number,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const position = await currentPosition(database);
    if (position.sequence >= sequence) return;
    if (performance.now() >= endsAt)
      throw new DirectoryNotReadyError(
        `the directory is at ${position.sequence}, and not yet at ${sequence}`,
      );
    await sleep(LOOK_AGAIN_MS);
  }
}
