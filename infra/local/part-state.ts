/**
 * The life of one process of the system, as the launcher sees it.
 *
 *   idle ─start─▶ starting ─ready─▶ up
 *                   │  ▲            │ ended
 *             ended ▼  │ waited     ▼
 *                backing-off ◀──────┘
 *
 * `retire` (all parts, when the whole system begins to stop) and `stop` (one after another, in order) lead from
 * everywhere to retired or stopping while a process is there, and to stopped when none is. A terminal's Ctrl-C
 * reaches all processes at once: what is retired and ends before its turn must not come back.
 *
 * Failures are counted without a break: one that was up for 30 s starts counting anew.
 */
export type PartState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly failures: number }
  | { readonly kind: 'up'; readonly failures: number; readonly sinceMs: number }
  | { readonly kind: 'backing-off'; readonly failures: number; readonly delayMs: number }
  | { readonly kind: 'retired' }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'stopped' };

/** Times are milliseconds of a clock that never goes back. */
export type PartEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'ready'; readonly atMs: number }
  | { readonly kind: 'ended'; readonly atMs: number }
  | { readonly kind: 'waited' }
  | { readonly kind: 'retire' }
  | { readonly kind: 'stop' };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
const STABLE_AFTER_MS = 30_000;

/** The state after an event; an event that has no meaning in a state (a late timer) leaves it as it is. */
export function transition(state: PartState, event: PartEvent): PartState {
  switch (event.kind) {
    case 'start':
      return state.kind === 'idle' ? { kind: 'starting', failures: 0 } : state;
    case 'ready':
      return state.kind === 'starting'
        ? { kind: 'up', failures: state.failures, sinceMs: event.atMs }
        : state;
    case 'waited':
      return state.kind === 'backing-off' ? { kind: 'starting', failures: state.failures } : state;
    case 'ended':
      return afterEnd(state, event.atMs);
    case 'retire':
      return leave(state, { kind: 'retired' });
    case 'stop':
      return state.kind === 'retired' ? { kind: 'stopping' } : leave(state, { kind: 'stopping' });
    default:
      return event satisfies never;
  }
}

function afterEnd(state: PartState, atMs: number): PartState {
  switch (state.kind) {
    case 'starting':
      return backOff(state.failures);
    case 'up':
      return backOff(atMs - state.sinceMs >= STABLE_AFTER_MS ? 0 : state.failures);
    case 'retired':
    case 'stopping':
      return { kind: 'stopped' };
    default:
      return state;
  }
}

function leave(state: PartState, whileProcessIsThere: PartState): PartState {
  switch (state.kind) {
    case 'starting':
    case 'up':
      return whileProcessIsThere;
    case 'idle':
    case 'backing-off':
      return { kind: 'stopped' };
    default:
      return state;
  }
}

function backOff(failures: number): PartState {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
  return { kind: 'backing-off', failures: failures + 1, delayMs };
}
