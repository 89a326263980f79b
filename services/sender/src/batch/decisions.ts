import type { LocalWindow, MessageOutcome } from '@herald/contracts';
import type { OpenMailing } from '../mailings/open-mailing.ts';
import type { Recipient } from '../recipients/directory.ts';
import type { WindowLook } from '../recipients/window-clock.ts';
import { type MadeCall, type OutcomeContext, outcomeOf } from './outcome.ts';
import { after, type MessageProgress, type OutcomeBody } from './progress.ts';

/** A message with whom it goes to. */
type Addressed = MessageProgress & { readonly recipient: Recipient | null };
/** Whether a window is open in a zone now. */
interface Windows {
  look(window: LocalWindow, timezone: string): WindowLook;
}

/** What is done with a message whose turn has come. */
export type Turn =
  | { readonly kind: 'call'; readonly recipient: Recipient }
  /** Its window is closed. */
  | { readonly kind: 'pass-over' }
  /** It has failed without a call. */
  | { readonly kind: 'fail'; readonly error: string };

/**
 * Everything that is decided about a single message. The transitions make each of these decisions in isolation
 * (isolation.ts), so that an error in one costs that message alone; tests put errors in here.
 */
export interface Decisions {
  /** Whom it goes to; `null` where the client was removed. */
  address(message: MessageProgress, recipients: ReadonlyMap<string, Recipient>): Recipient | null;
  turn(message: Addressed, open: OpenMailing, windows: Windows): Turn;
  outcome(message: MessageProgress, made: MadeCall, context: OutcomeContext): OutcomeBody;
  after<Progress extends MessageProgress>(message: Progress, outcome: MessageOutcome): Progress;
}

export const decisions: Decisions = {
  address: ({ clientId }, recipients) => recipients.get(clientId) ?? null,
  turn,
  outcome: outcomeOf,
  after,
};

/** The last look before a call: at the client's window. */
function turn({ recipient }: Addressed, { mailing }: OpenMailing, windows: Windows): Turn {
  if (recipient === null) throw new Error('a message without a recipient has a turn');
  const window = mailing.localWindow;
  const look = window === null ? 'open' : windows.look(window, recipient.timezone);
  switch (look) {
    case 'open':
      return { kind: 'call', recipient };
    case 'closed':
      return { kind: 'pass-over' };
    case 'no-zone':
      return { kind: 'fail', error: 'time-zone-unknown' };
    default:
      return look satisfies never;
  }
}
