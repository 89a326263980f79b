import type { BatchState, Halt, Step, View } from '../batch-state.ts';
import { atOnce } from '../deferral.ts';
import { halted, settle } from './conclude.ts';
import { also, giveBack, next, stay } from './step.ts';

/** Looks at the mailing again. Only a batch whose messages are called for has to care. */
export function reconsider(state: BatchState, view: View): Step {
  if (state.kind !== 'sending' && state.kind !== 'waiting' && state.kind !== 'draining') return stay(state);
  const by = haltBy(view);
  const step = settle(by === null ? state : halted(state, by), view);
  return view.isPastEnd && state.inFlight > 0 ? also(step, [{ kind: 'abort-calls' }]) : step;
}

function haltBy({ standing, open }: View): Halt | null {
  switch (standing) {
    case 'send':
      return null;
    case 'expire':
    case 'cancel':
      return 'over';
    case 'wait':
      return open?.mailing.status === 'running' ? 'past-end' : 'returned';
    case undefined:
      return 'returned';
    default:
      return standing satisfies never;
  }
}

export function turnTo(state: BatchState, mayCall: boolean): Step {
  if (state.kind === 'sending' && !mayCall) return stay({ ...state, kind: 'waiting' });
  if (state.kind === 'waiting' && mayCall) return stay({ ...state, kind: 'sending' });
  return stay(state);
}

export function halt(state: BatchState, by: 'taken' | 'lease-lost' | 'returned', view: View): Step {
  switch (state.kind) {
    case 'claimed':
    case 'resolving':
      if (by === 'taken') return next({ kind: 'abandoned' }, { kind: 'stop-reading' });
      return next({ kind: 'returned' }, { kind: 'stop-reading' }, giveBack(atOnce));
    case 'sending':
    case 'waiting':
    case 'draining':
      return settle(halted(state, by), view);
    // What is being written then holds whoever writes it: no call follows from it.
    default:
      return stay(state);
  }
}
