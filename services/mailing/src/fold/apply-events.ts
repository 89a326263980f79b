import type { HeraldEvent } from '@herald/contracts';
import type { FoldedEvent } from '@herald/postgres';
import type { Transaction } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { noteResolved, takeKnownPlan } from '../plan/known-plan.ts';
import { AT_ONCE, startPlan } from '../plan/start-plan.ts';
import { CommandOutcomes } from './command-outcomes.ts';
import { DirectoryChanges } from './directory-changes.ts';
import type { KnownPlans } from './look-ahead.ts';
import { MailingChanges, type PlansFound } from './mailing-changes.ts';

export interface Applying {
  /** How many clients a plan may have to be written here and not page by page. */
  readonly atOnce?: number | undefined;
  /** What the log says of the plans that begin; where it says nothing of one, the plan is made here. */
  readonly known?: KnownPlans | undefined;
  /** Where given, a result of a command that cannot be stored costs nothing else, and this is told why. */
  readonly lost?: ((error: unknown) => void) | undefined;
}

/**
 * Writes a chunk of entity events. Changes are gathered and written set-based; where a mailing starts, what came
 * before is written first, so that its plan holds the clients exactly as of that position in the log.
 *
 * @returns what came up about plans
 */
export async function applyEvents(
  transaction: Transaction<Tables>,
  events: readonly FoldedEvent[],
  { atOnce = AT_ONCE, known, lost }: Applying = {},
): Promise<PlansFound> {
  const directory = new DirectoryChanges();
  const mailings = new MailingChanges();
  const outcomes = new CommandOutcomes();
  const beginPlan = async (
    within: Transaction<Tables>,
    { data: { mailing }, correlationid }: HeraldEvent<'MailingStarted'>,
    position: number,
  ): Promise<void> => {
    const plan = known?.plans.get(mailing.id);
    if (known === undefined || plan === undefined)
      await startPlan(within, mailing, correlationid, position, atOnce);
    else await takeKnownPlan(within, mailing, correlationid, position, plan, known.until);
  };
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
        await beginPlan(transaction, event, record.sequence);
        break;
      case 'MailingAudienceResolved':
        mailings.add(event, record.sequence);
        await noteResolved(transaction, event.data.mailing.id, known);
        break;
      case 'MailingCreated':
      case 'MailingChanged':
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
