import type { Mailing, MailingEvent } from '@herald/contracts';
import type { MailingState } from './mailing-state.ts';

/**
 * What the clock and the delivery do to a mailing, without anybody's command. Each answers the event that is due, or
 * `null` when nothing is: then somebody else was first, or the mailing has gone another way meanwhile.
 */
type Progress = MailingEvent | null;

const changed = (state: MailingState, change: Partial<Mailing>): MailingEvent['data'] => ({
  mailing: { ...state.mailing, ...change },
  recentCommands: [...state.recentCommands],
});

/** The start has come. A mailing whose end has come too is not started any more. */
export function startDue(state: MailingState, now: Date): Progress {
  const { status, startAt, endAt } = state.mailing;
  const due = Date.parse(startAt) <= now.getTime() && now.getTime() < Date.parse(endAt);
  if (status !== 'scheduled' || !due) return null;
  return {
    type: 'MailingStarted',
    data: changed(state, { status: 'running', startedAt: now.toISOString() }),
  };
}

/** The end has come. A mailing that was never started has nothing left to settle. */
export function expiryDue(state: MailingState, now: Date): Progress {
  const { status, endAt, startedAt } = state.mailing;
  const alive = status === 'scheduled' || status === 'running' || status === 'paused';
  if (!alive || now.getTime() < Date.parse(endAt)) return null;
  const at = now.toISOString();
  const settledAt = startedAt === null ? at : null;
  return { type: 'MailingExpired', data: changed(state, { status: 'expired', endedAt: at, settledAt }) };
}

/** Every batch of the plan is in the log. */
export function audienceResolved(
  state: MailingState,
  audience: { readonly messages: number; readonly batches: number },
): Progress {
  if (state.mailing.startedAt === null || state.mailing.audience !== null) return null;
  return { type: 'MailingAudienceResolved', data: changed(state, { audience }) };
}

/** Every batch is completed. What was still alive is completed by it; expired and deleted ones stay what they are. */
export function settlementDue(state: MailingState, now: Date): Progress {
  const { status, audience, settledAt } = state.mailing;
  if (audience === null || settledAt !== null) return null;
  const at = now.toISOString();
  const alive = status === 'running' || status === 'paused';
  const change: Partial<Mailing> = alive
    ? { status: 'completed', endedAt: at, settledAt: at }
    : { settledAt: at };
  return { type: 'MailingSettled', data: changed(state, change) };
}
