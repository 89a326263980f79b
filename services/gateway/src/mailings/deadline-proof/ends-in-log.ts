/** A state of the mailing that stands in the log, as far as its end is concerned. Times are milliseconds since 1970. */
export interface EndInLog {
  readonly position: number;
  /** When the broker stored it. */
  readonly storedAt: number;
  /** The mailing's version. */
  readonly version: number;
  readonly endAt: number;
}

/** What a recorded call says of when it was made. */
export interface CallInLog {
  /** By the clock of the sender. */
  readonly startedAt: number;
  /** The version of the mailing that the sender worked with. */
  readonly version: number;
}

/**
 * The end that held when a call began: that of the last state in the log before the call's record which either was stored by
 * the time at which the call began, or which the sender had read by then, as the version that it worked with tells.
 *
 * - A change holds from the moment at which it is stored, whether or not the sender had heard of it: who shortens a mailing
 *   is promised the new end. A call after it is shown, though it was made by the old end.
 * - What a sender had read stood in the log before, whatever the clocks say. Without that, a mailing that is prolonged in its
 *   last moments would show calls after its end where the broker's clock is a few milliseconds ahead of the sender's.
 * - Nothing behind the record can have held: so no clock, however wrong, makes a later change count.
 *
 * @param ends those before the record of the call, in the order of the log, the start of the mailing first; never empty
 */
export function endThatHeld(ends: readonly EndInLog[], call: CallInLog): EndInLog {
  const held = ends.findLast(
    ({ storedAt, version }, index) =>
      storedAt <= call.startedAt || (version <= call.version && version !== ends[index - 1]?.version),
  );
  // A call before the start by its own clock: the first end is the only one that it can have known.
  const end = held ?? ends[0];
  if (end === undefined) throw new Error('a mailing without a start has no calls');
  return end;
}
