import { type CommandResult, type HeraldEvent, isClientEvent, isMailingEvent } from '@herald/contracts';
import { type Broker, loadNext } from '@herald/event-log';
import { DirectoryNotReadyError } from '../queries/current-position.ts';
import { outcomeOf } from './outcome-of-event.ts';

/** More events of one entity than this are not gone through: the directory is far behind, and catches up. */
const MOST_LOOKED_AT = 100;

/** The result that an event tells of the command behind it; `null` for events of imports and of earlier releases. */
export function resultToldBy(event: HeraldEvent): CommandResult | null {
  const { causationid: commandId, fingerprint } = event;
  if (commandId === undefined || fingerprint === undefined) return null;
  if (!isClientEvent(event) && !isMailingEvent(event)) return null;
  return { commandId, fingerprint, outcome: outcomeOf(event) };
}

/**
 * The result of a command that its event tells in the log and that is not stored yet, since the event is not folded. Needs
 * no fold: an answer must not hang on one that is slow, or stands still.
 *
 * @param subject of its entity's events
 * @param folded the position of the directory when no result of the command was stored
 * @param until the position of the entity's last event, where that is known
 * @throws DirectoryNotReadyError where too many events of the entity are not folded; what {@link loadNext} throws
 */
export async function findUnfolded(
  broker: Broker,
  subject: string,
  commandId: string,
  folded: number,
  until = Number.POSITIVE_INFINITY,
): Promise<CommandResult | null> {
  let from = folded + 1;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += 1) {
    if (from > until) return null;
    const next = await loadNext(broker, subject, from);
    if (next === null) return null;
    const told = resultToldBy(next.event);
    if (told?.commandId === commandId) return told;
    from = next.sequence + 1;
  }
  throw new DirectoryNotReadyError(`more than ${MOST_LOOKED_AT} events of ${subject} are not folded yet`);
}
