import type { FoldedEvent } from '@herald/postgres';
import type { Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { AT_ONCE, startPlan } from '../plan/start-plan.ts';
import { CommandOutcomes } from './command-outcomes.ts';
import { DirectoryChanges } from './directory-changes.ts';
import { MailingChanges, type PlansFound } from './mailing-changes.ts';

/**
 * Writes a chunk of entity events. Changes are gathered and written set-based; where a mailing starts, what came
 * before is written first, so that its plan holds the clients exactly as of that position in the log.
 *
 * @param atOnce how many clients a plan may have to be written here and not page by page
 * @param lost where given, a result of a command that cannot be stored costs nothing else, and this is told why
 * @returns what came up about plans
 */
export async function applyEvents(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
  atOnce: number = AT_ONCE,
  lost?: (error: unknown) => void,
): Promise<PlansFound> {
  const directory = new DirectoryChanges();
  const mailings = new MailingChanges();
  const outcomes = new CommandOutcomes();
  for (const { event, record } of events) {
    outcomes.add(event);
    switch (event.type) {
      case 'ClientRegistered':
      case 'ClientChanged':
      case 'ClientRemoved':
        directory.add(event, event.causationid ?? null, record.sequence);
        break;
      case 'MailingStarted':
        mailings.add(event, record.sequence);
        await directory.write(transaction);
        await mailings.write(transaction);
        await startPlan(transaction, event.data.mailing, event.correlationid, record.sequence, atOnce);
        break;
      case 'MailingCreated':
      case 'MailingChanged':
      case 'MailingAudienceResolved':
      case 'MailingPaused':
      case 'MailingResumed':
      case 'MailingExpired':
      case 'MailingDeleted':
      case 'MailingSettled':
        mailings.add(event, record.sequence);
        break;
      case 'BatchCompleted':
        mailings.completed(event.data.mailingId);
        break;
      default:
        throw new Error(`${event.type} is no entity event`);
    }
  }
  await directory.write(transaction);
  await mailings.write(transaction);
  if (lost === undefined) await outcomes.write(transaction);
  else await outcomes.writeIfPossible(transaction, lost);
  return mailings.found;
}
