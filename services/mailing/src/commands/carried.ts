import {
  type Command,
  type CommandOutcome,
  type CommandResult,
  RECENT_COMMANDS,
  type RejectedLine,
} from '@herald/contracts';
import type { Dependencies } from '../dependencies.ts';
import { findUnfolded } from './told-result.ts';

/** What carrying a command out has come to, and where that stands. */
export type Carried =
  /** Its event is in the log, and the result with it: the fold stores it. */
  | { readonly kind: 'appended'; readonly outcome: CommandOutcome }
  /** No event tells it: it is to be stored before it is answered. */
  | { readonly kind: 'decided'; readonly outcome: CommandOutcome }
  /** The same of a part of an import, with the rows that were rejected. */
  | {
      readonly kind: 'imported';
      readonly outcome: CommandOutcome;
      readonly rejected: readonly RejectedLine[];
    }
  /** It was carried out before. */
  | { readonly kind: 'known'; readonly result: CommandResult };

/** What a command finds of its entity in the log. */
export interface FoundEntity {
  readonly subject: string;
  /** The position of its last event. */
  readonly sequence: number;
  /** The commands that the last event names among those that were carried out. */
  readonly recentCommands: readonly string[];
  /** The entity as it is now: the answer where an earlier release has died before it stored the result. */
  readonly present: CommandOutcome;
}

/**
 * What a command has come to that was carried out before, by its own event; `null` where it was not carried out. The entity
 * remembers few commands: while its memory is full this one may be among those that it has forgotten.
 *
 * @param folded the position of the directory when no result of the command was stored
 * @param isRemembered where the entity could not be there without the command
 * @throws what {@link findUnfolded} throws
 */
export async function carriedBefore(
  { runtime }: Dependencies,
  { id }: Pick<Command, 'id'>,
  { subject, sequence, recentCommands, present }: FoundEntity,
  folded: number,
  isRemembered = recentCommands.includes(id),
): Promise<Carried | null> {
  const isForgotten = recentCommands.length >= RECENT_COMMANDS;
  if (!isRemembered && !isForgotten) return null;
  const result = await findUnfolded(runtime.broker, subject, id, folded, sequence);
  if (result !== null) return { kind: 'known', result };
  return isRemembered ? { kind: 'decided', outcome: present } : null;
}
