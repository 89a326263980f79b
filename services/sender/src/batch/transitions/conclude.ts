import {
  type BatchState,
  type Draining,
  HALTS,
  type Halt,
  isFinal,
  type Sending,
  type Step,
  unstartedOf,
  type View,
  type Waiting,
} from '../batch-state.ts';
import { atOnce, troubled, unwanted, whatRemains } from '../deferral.ts';
import { restOf } from '../outcome.ts';
import type { MessageProgress } from '../progress.ts';
import { also, complete, contextOf, giveBack, next, stay } from './step.ts';

/** Begins nothing any more; the stronger of two reasons stays. */
export function halted(state: Sending | Waiting | Draining, by: Halt): Draining {
  const { messages, inFlight } = state;
  const isWeaker = state.kind === 'draining' && HALTS.indexOf(by) < HALTS.indexOf(state.halt);
  return { kind: 'draining', messages, inFlight, halt: isWeaker ? state.halt : by };
}

/** Comes to a conclusion when nothing is left to wait for. */
export function settle(state: Sending | Waiting | Draining, view: View): Step {
  if (state.inFlight > 0) return stay(state);
  if (unstartedOf(state) > 0) return stay(state);
  const isThrough = state.messages.every((message) => message.ended);
  if (state.kind === 'draining') return leave(state, isThrough, view);
  if (isThrough) return complete();
  const { deferral, broke } = whatRemains(state, view);
  const step = next({ kind: deferral.closed === null ? 'retrying' : 'parked' }, giveBack(deferral));
  return broke === null ? step : also(step, [{ kind: 'say-broken', reason: broke }]);
}

function leave(state: Draining, isThrough: boolean, view: View): Step {
  const { messages, halt } = state;
  if (halt === 'taken') return next({ kind: 'abandoned' });
  // Even where somebody else has it by now: it would find the same in the log, and say so in the same words.
  if (isThrough) return complete();
  switch (halt) {
    case 'past-end':
      return next({ kind: 'returned' }, giveBack(unwanted(view)));
    case 'lease-lost':
    case 'returned':
      return next({ kind: 'returned' }, giveBack(atOnce));
    case 'broken':
      return next({ kind: 'returned' }, giveBack(troubled(view.random)));
    case 'over':
      return endRest(messages, view);
    default:
      return halt satisfies never;
  }
}

export function endRest(messages: readonly MessageProgress[], view: View): Step {
  // Settled by now: somebody else has completed the batch.
  if (view.open === undefined) return next({ kind: 'returned' }, giveBack(unwanted(view)));
  const bodies = restOf(messages, view.open.mailing.status === 'deleted', contextOf(view));
  return bodies.length === 0 ? complete() : next({ kind: 'ending' }, { kind: 'end-rest', bodies });
}

export function fail(state: BatchState, view: View): Step {
  switch (state.kind) {
    // What is in flight must be recorded all the same.
    case 'sending':
    case 'waiting':
    case 'draining':
      return settle(halted(state, 'taken'), view);
    default:
      return isFinal(state) ? stay(state) : next({ kind: 'returned' }, giveBack(troubled(view.random)));
  }
}
