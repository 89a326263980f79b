import type { BatchEvent, BatchState, Step, View } from './batch-state.ts';
import { whileClaimed, whileResolving } from './transitions/before-calls.ts';
import { fail } from './transitions/conclude.ts';
import { halt, reconsider, turnTo } from './transitions/reconsider.ts';
import { complete, impossible, next, stay } from './transitions/step.ts';
import { whileWorking } from './transitions/while-working.ts';

/**
 * What a batch is after an event, and what is to be done then. Pure: the same state, event and view have the same
 * step, so that what a sender does can be simulated with any interleaving (../simulation).
 *
 * What ends a batch before it is through comes in many ways, and several at once (paused, then deleted, then the lease
 * is lost), while calls are under way whose outcomes must be recorded first. So every event is met in every state:
 * what comes too late for it to matter is left out; what cannot happen at all is a bug.
 *
 * What is decided about a single message is decided in isolation: an error there costs this message a look, and three
 * looks its delivery (docs/adr/0027). Any other error is thrown, for {@link salvage} to bring the batch to an end.
 *
 * @throws Error for an event that cannot happen in the state, and for whatever else is a bug
 */
export function transition(state: BatchState, event: BatchEvent, view: View): Step {
  switch (event.kind) {
    case 'lease-lost':
      return halt(state, event.taken ? 'taken' : 'lease-lost', view);
    case 'stop':
      return halt(state, 'returned', view);
    case 'mailing-changed':
      return reconsider(state, view);
    case 'provider-changed':
      return turnTo(state, view.mayCall);
    case 'failed':
      return fail(state, view);
    default:
  }
  switch (state.kind) {
    case 'claimed':
      return whileClaimed(state, event, view);
    case 'resolving':
      return whileResolving(state, event, view);
    case 'sending':
    case 'waiting':
    case 'draining':
      return whileWorking(state, event, view);
    case 'ending':
      if (event.kind === 'rest-ended') return complete();
      break;
    case 'completing':
      if (event.kind === 'completed') return next({ kind: 'done' });
      break;
    // Answers to what was asked before it left our hand.
    case 'parked':
    case 'retrying':
    case 'returned':
    case 'done':
    case 'abandoned':
      if (event.kind === 'turn' || event.kind === 'delivered') break;
      return stay(state);
    default:
      return state satisfies never;
  }
  throw impossible(state, event);
}
