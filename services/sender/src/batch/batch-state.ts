/**
 * The life of a batch in this process. A batch is given up in many ways, and several may come at once (paused, then
 * deleted, then the lease is lost), while calls are under way whose outcomes must be recorded first. So: one state,
 * one transition function, and the stronger reason wins.
 */
export type BatchState =
  /** In hand; what has become of its messages is being read. */
  | { readonly kind: 'looking-up' }
  /** Its messages are being called for. `remaining` counts those that have not ended, under way or not. */
  | {
      readonly kind: 'sending';
      readonly unstarted: number;
      readonly inFlight: number;
      readonly remaining: number;
    }
  /** Begins nothing any more; waits for what is in flight. */
  | {
      readonly kind: 'draining';
      readonly inFlight: number;
      readonly remaining: number;
      readonly conclusion: Halt;
    }
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion };

/** Why a batch stops before it is through, the weakest first. */
export const HALTS = ['past-end', 'returned', 'ended-by-decree', 'lease-lost'] as const;
export type Halt =
  /** The end has come by the clock: wait for it in the log. */
  | 'past-end'
  /** Paused, or this sender stops: given back at once. */
  | 'returned'
  /** Expired or deleted in the log: the rest ends without a call. */
  | 'ended-by-decree'
  /** It may be somebody else's already: let go without a word. */
  | 'lease-lost';

export type Conclusion =
  | Halt
  /** Every message has ended. */
  | 'completed'
  /** Some messages remain and are to be tried later. */
  | 'put-off';

export type BatchEvent =
  | { readonly kind: 'looked-up'; readonly unstarted: number }
  /** A call begins. */
  | { readonly kind: 'started' }
  /** Its outcome stands in the log: the message has ended, or is to be tried later. */
  | { readonly kind: 'recorded'; readonly ended: boolean }
  /** No call was made after all: the message is as it was. */
  | { readonly kind: 'not-called' }
  /** A message's turn came and it may not be called for now (its client's window is closed). */
  | { readonly kind: 'passed-over' }
  | { readonly kind: 'halted'; readonly by: Halt };

/** @throws Error for an event that cannot happen in the state: a bug. */
export function transition(state: BatchState, event: BatchEvent): BatchState {
  if (event.kind === 'halted') return halt(state, event.by);
  switch (state.kind) {
    case 'looking-up':
      if (event.kind !== 'looked-up') break;
      return settle({ kind: 'sending', unstarted: event.unstarted, inFlight: 0, remaining: event.unstarted });
    case 'sending':
      return settle(whileSending(state, event));
    case 'draining':
      return settle(whileDraining(state, event));
    case 'concluded':
      break;
    default:
      return state satisfies never;
  }
  throw impossible(state, event);
}

type Sending = Extract<BatchState, { kind: 'sending' }>;
type Draining = Extract<BatchState, { kind: 'draining' }>;

function whileSending(state: Sending, event: BatchEvent): Sending {
  const { unstarted, inFlight, remaining } = state;
  switch (event.kind) {
    case 'started':
      return { ...state, unstarted: unstarted - 1, inFlight: inFlight + 1 };
    case 'recorded':
      return { ...state, inFlight: inFlight - 1, remaining: event.ended ? remaining - 1 : remaining };
    case 'not-called':
      return { ...state, unstarted: unstarted + 1, inFlight: inFlight - 1 };
    case 'passed-over':
      return { ...state, unstarted: unstarted - 1 };
    default:
      throw impossible(state, event);
  }
}

function whileDraining(state: Draining, event: BatchEvent): Draining {
  const { inFlight, remaining } = state;
  switch (event.kind) {
    case 'recorded':
      return { ...state, inFlight: inFlight - 1, remaining: event.ended ? remaining - 1 : remaining };
    case 'not-called':
      return { ...state, inFlight: inFlight - 1 };
    default:
      throw impossible(state, event);
  }
}

function halt(state: BatchState, by: Halt): BatchState {
  switch (state.kind) {
    case 'looking-up':
      return { kind: 'concluded', conclusion: by };
    case 'sending':
      return settle({
        kind: 'draining',
        inFlight: state.inFlight,
        remaining: state.remaining,
        conclusion: by,
      });
    case 'draining':
      return HALTS.indexOf(by) > HALTS.indexOf(state.conclusion) ? { ...state, conclusion: by } : state;
    case 'concluded':
      return state;
    default:
      return state satisfies never;
  }
}

/** Concludes when nothing is left to wait for. */
function settle(state: Sending | Draining): BatchState {
  if (state.inFlight > 0) return state;
  if (state.kind === 'sending' && state.unstarted > 0) return state;
  if (state.remaining === 0 && !(state.kind === 'draining' && state.conclusion === 'lease-lost')) {
    return { kind: 'concluded', conclusion: 'completed' };
  }
  return { kind: 'concluded', conclusion: state.kind === 'sending' ? 'put-off' : state.conclusion };
}

const impossible = (state: BatchState, event: BatchEvent): Error =>
  new Error(`a batch that is ${state.kind} cannot be told ${event.kind}`);
