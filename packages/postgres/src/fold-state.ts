/** What a running fold shows of itself. */
export interface Fold {
  readonly state: FoldState;
  /** Ends the fold after the transaction under way. */
  stop(): Promise<void>;
}

/**
 * `waiting` for the lock, `folding`, `halted` while the log looks like another one, a table is gone, or a newer release
 * wrote what comes next (it looks again by itself), `broken` for good (the log was replaced), or `stopped`.
 */
export type FoldState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'folding'; readonly sequence: number; readonly behind: number; readonly parked: number }
  | { readonly kind: 'halted'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'stopped' };

/** Why a fold does not fold, in words for its operator; `true` where it does, or another instance may. */
export const foldHealth = (state: FoldState): true | string =>
  state.kind === 'halted' || state.kind === 'broken' ? state.reason : true;
