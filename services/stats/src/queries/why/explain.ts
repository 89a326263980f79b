import type { WhyOutcome, WhyReason } from '@herald/contracts';
import type { Facts, MailingFacts, Source } from './facts.ts';
import { reasonsOfMessage } from './message-reasons.ts';
import { matches, reasonsNotAddressed } from './not-addressed.ts';
import { reason } from './reason.ts';

export interface Decision {
  readonly outcome: WhyOutcome;
  readonly reasons: readonly WhyReason[];
}

/**
 * Why a client got a mailing or did not. What became of its message comes first; without one the client as of the start
 * tells whether there is to be one. Whatever the client has become since changes neither.
 */
export function explain(facts: Facts): Decision {
  const { message, mailing } = facts;
  if (message !== null) return { outcome: message.status, reasons: reasonsOfMessage(message, facts) };
  if (mailing === null) return undetermined(facts, facts.mailingInLog);
  const { started } = mailing;
  if (started === null) return notStarted(mailing, facts);
  const { atStart, unfolded } = facts.client;
  if (unfolded !== null) return undetermined(facts, unfolded);
  if (atStart === null || atStart.isRemoved || !matches(started.filter, atStart)) {
    return { outcome: 'not-addressed', reasons: reasonsNotAddressed(started, facts.client) };
  }
  return withoutMessage(mailing, started, facts);
}

function notStarted(mailing: MailingFacts, facts: Facts): Decision {
  const { deleted, expired, status, startAt, endAt, settings } = mailing;
  const because = (one: WhyReason): Decision => ({ outcome: 'not-started', reasons: [one] });
  switch (status) {
    case 'deleted':
      return deleted === null
        ? undetermined(facts, facts.mailingInLog)
        : because(reason('deleted-before-start', 'The mailing was deleted before it started.', deleted));
    case 'expired':
      return expired === null
        ? undetermined(facts, facts.mailingInLog)
        : because(reason('ended-before-start', `Its end, ${endAt}, passed before it started.`, expired));
    case 'scheduled':
      return facts.now.getTime() >= Date.parse(endAt)
        ? because(
            reason('ended-before-start', `Its end, ${endAt}, has passed, and it has not started.`, settings),
          )
        : because(reason('mailing-scheduled', `The mailing is to start at ${startAt}.`, settings));
    // It has started, and the event that says so could not be folded.
    case 'running':
    case 'paused':
    case 'completed':
      return undetermined(facts, facts.mailingInLog);
    default:
      return status satisfies never;
  }
}

/** It is to have a message, and none is known. */
function withoutMessage(mailing: MailingFacts, started: Source, facts: Facts): Decision {
  const { plan, deleted } = mailing;
  switch (plan.kind) {
    case 'incomplete': {
      const text = 'The mailing addresses the client; its messages are still being queued.';
      const reasons = [reason('plan-incomplete', text, started)];
      if (deleted !== null) reasons.push(reason('mailing-deleted', 'The mailing was deleted.', deleted));
      return { outcome: 'being-planned', reasons };
    }
    case 'not-folded':
      return undetermined(facts, plan.resolved);
    case 'complete': {
      if (facts.unreadable.length > 0) return undetermined(facts, plan.resolved);
      const text = "The mailing addressed the client, all its messages are queued, and none is the client's.";
      return { outcome: 'undetermined', reasons: [reason('message-missing', text, plan.resolved)] };
    }
    default:
      return plan satisfies never;
  }
}

/** How many records that cannot be read are named. */
const MOST_UNREADABLE = 5;

function undetermined({ unreadable }: Facts, behind: Source): Decision {
  const reasons =
    unreadable.length === 0
      ? [reason('statistics-behind', 'The statistics have not read what the log says of it here.', behind)]
      : unreadable
          .slice(0, MOST_UNREADABLE)
          .map((source) =>
            reason('record-unreadable', 'A record that may tell more cannot be read.', source),
          );
  return { outcome: 'undetermined', reasons };
}
