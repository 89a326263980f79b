import {
  type BatchEvent,
  type BatchState,
  type Command,
  type Draining,
  isFinal,
  type Sending,
  type Step,
  type View,
  type Waiting,
} from './batch-state.ts';
import { troubled } from './deferral.ts';
import type { OutcomeContext } from './outcome.ts';
import { halted } from './transitions/conclude.ts';
import { brokenCall, inPlaceOf, recordingOf, sayUndecided } from './undecided.ts';

/** What of the view cannot break. */
export type Plainly = Pick<
  View,
  'mailingId' | 'batch' | 'idempotent' | 'refusalAttempts' | 'decisions' | 'random'
>;

/**
 * What becomes of a batch when the transition itself breaks on an event: it begins nothing any more, every call under
 * way is recorded, and then it is given back for a while. It looks at nothing but the state and the event, and never
 * throws.
 */
export function salvage(state: BatchState, event: BatchEvent, plainly: Plainly): Step {
  if (isFinal(state)) return { state, commands: [] };
  const giveBack: Command = { kind: 'give-back', deferral: troubled(plainly.random) };
  if (state.kind !== 'sending' && state.kind !== 'waiting' && state.kind !== 'draining') {
    return { state: { kind: 'returned' }, commands: [{ kind: 'stop-reading' }, giveBack] };
  }
  const { ended, commands } = conclude(state, event, plainly);
  const { messages } = state;
  const inFlight = state.inFlight - ended;
  if (inFlight <= 0) return { state: { kind: 'returned' }, commands: [...commands, giveBack] };
  return { state: { ...halted(state, 'broken'), messages, inFlight }, commands };
}

/** What the event says of a call under way: how many of them are over, and what is to be recorded. */
function conclude(
  { messages }: Sending | Waiting | Draining,
  event: BatchEvent,
  { mailingId, batch, idempotent, refusalAttempts, decisions }: Plainly,
): { readonly ended: number; readonly commands: readonly Command[] } {
  if (event.kind === 'recorded') return { ended: event.outcomes.length, commands: [] };
  if (!('place' in event)) return { ended: 0, commands: [] };
  const { place } = event;
  const message = messages[place];
  // There is no such message, so nothing was ever begun for it.
  if (message === undefined) return { ended: 0, commands: [] };
  const context = (mailingVersion: number): OutcomeContext => ({
    mailingId,
    batch,
    mailingVersion,
    idempotent,
    refusalAttempts,
  });
  switch (event.kind) {
    case 'called': {
      if (event.made === null) return { ended: 1, commands: [] };
      const { body, broke } = recordingOf(decisions, message, event.made, context(event.mailingVersion));
      const record: Command = { kind: 'record', place, body };
      return {
        ended: 0,
        commands: broke === null ? [record] : [record, sayUndecided('answer', body, broke)],
      };
    }
    case 'call-broke': {
      const body = brokenCall(message, event, context(event.mailingVersion));
      const record: Command = { kind: 'record', place, body };
      return { ended: 0, commands: [record, sayUndecided('call', body, event.reason)] };
    }
    case 'unrecorded': {
      if (event.isLastTry || event.why === 'closed') return { ended: 1, commands: [] };
      if (event.why === 'full')
        return { ended: 0, commands: [{ kind: 'record', place, body: event.body, isLastTry: true }] };
      const plain = inPlaceOf(event.body, message, event.reason, context(event.body.data.mailingVersion));
      const record: Command = { kind: 'record', place, body: plain, isLastTry: true };
      return { ended: 0, commands: [record, sayUndecided('record', plain, event.reason)] };
    }
    default:
      return event satisfies never;
  }
}
