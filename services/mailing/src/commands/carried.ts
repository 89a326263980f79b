import type { Command, CommandOutcome, CommandResult } from '@herald/contracts';
import type { Parts } from '../parts.ts';
import { untilFolded } from '../queries/current-position.ts';
import { findResult } from './command-results.ts';

/** What carrying a command out has come to, and where that stands. */
export type Carried =
  /** Its event is in the log, and the result with it: the fold stores it. */
  | { readonly kind: 'appended'; readonly outcome: CommandOutcome }
  /** No event tells it: it is to be stored before it is answered. */
  | { readonly kind: 'decided'; readonly outcome: CommandOutcome }
  /** It was carried out before. */
  | { readonly kind: 'known'; readonly result: CommandResult };

/** The directory is behind the log by less than this most of the time, milliseconds; then the command comes again. */
const FOLDED_WITHIN_MS = 5_000;

/**
 * What a command came to that its entity's last event names among those that were carried out: the result that its own
 * event tells, once that is folded.
 *
 * @param sequence of the entity's last event
 * @param present the entity as it is now: the answer where an earlier release has died before it stored the result
 * @throws DirectoryNotReadyError where the directory does not come so far
 */
export async function carriedBefore(
  { database }: Parts,
  command: Command,
  sequence: number,
  present: CommandOutcome,
): Promise<Carried> {
  await untilFolded(database, sequence, FOLDED_WITHIN_MS);
  const result = await findResult(database, command.id);
  return result === null ? { kind: 'decided', outcome: present } : { kind: 'known', result };
}
