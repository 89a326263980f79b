import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { messageFailedFacts } from './message-failed.ts';
import { messageRetriedFacts } from './message-retried.ts';
import { messageSentFacts } from './message-sent.ts';
import { messageUndecidedFacts } from './message-undecided.ts';
import { messageUnknownFacts } from './message-unknown.ts';
import { BATCH_SIZE } from './messages-queued.ts';
import { groupedOutcome } from './outcome.ts';

/**
 * Outcomes of messages of one batch, in the order in which they came: all that gathered while the record before was on
 * its way to the log (docs/adr/0034). Each is one of the facts that were events of their own before.
 */
export const outcomesRecorded = defineEvent(
  'OutcomesRecorded',
  1,
  z.object({
    mailingId: z.uuid(),
    batch: z.int().nonnegative(),
    /** The id of the message at place 0. */
    firstMessageId: z.int().positive(),
    outcomes: z
      .array(
        z.discriminatedUnion('type', [
          groupedOutcome.extend({ type: z.literal('MessageSent'), ...messageSentFacts }),
          groupedOutcome.extend({ type: z.literal('MessageFailed'), ...messageFailedFacts }),
          groupedOutcome.extend({ type: z.literal('MessageRetried'), ...messageRetriedFacts }),
          groupedOutcome.extend({ type: z.literal('MessageUndecided'), ...messageUndecidedFacts }),
          groupedOutcome.extend({ type: z.literal('MessageUnknown'), ...messageUnknownFacts }),
        ]),
      )
      .min(1)
      .max(BATCH_SIZE),
  }),
);
