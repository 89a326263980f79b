import type { BatchEvent, BatchState, Command, Step, View } from '../batch-state.ts';
import { endedWithoutCall, type OutcomeContext } from '../outcome.ts';
import type { Deferral } from '../parked-batches.ts';
import type { MessageProgress } from '../progress.ts';

export const stay = (state: BatchState): Step => ({ state, commands: [] });
export const next = (state: BatchState, ...commands: Command[]): Step => ({ state, commands });
export const also = ({ state, commands }: Step, more: readonly Command[]): Step => ({
  state,
  commands: [...commands, ...more],
});
export const complete = (): Step => next({ kind: 'completing' }, { kind: 'complete' });
export const giveBack = (deferral: Deferral): Command => ({ kind: 'give-back', deferral });
export const impossible = (state: BatchState, event: BatchEvent): Error =>
  new Error(`a batch that is ${state.kind} cannot be told ${event.kind}`);

export const isWanted = (view: View): boolean => view.standing !== undefined && view.standing !== 'wait';

export function endWithoutCall(
  messages: readonly MessageProgress[],
  place: number,
  error: string,
  view: View,
): Command {
  return { kind: 'record', place, body: endedWithoutCall(at(messages, place), error, contextOf(view)) };
}

export const contextOf = ({ mailingId, batch, open, idempotent, refusalAttempts }: View): OutcomeContext => ({
  mailingId,
  batch,
  mailingVersion: open?.mailing.version ?? 1,
  idempotent,
  refusalAttempts,
});

export function at<Progress extends MessageProgress>(messages: readonly Progress[], place: number): Progress {
  const message = messages[place];
  if (message === undefined) throw new Error(`a batch has no message ${place}`);
  return message;
}
