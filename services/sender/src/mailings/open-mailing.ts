import type { Mailing } from '@herald/contracts';

/** An open mailing as of a position in the log, with what is needed for every message worked out once. */
export interface OpenMailing {
  readonly mailing: Mailing;
  /** The position of the event that carried this state. */
  readonly sequence: number;
  /** The position of its `MailingStarted`. */
  readonly startedSequence: number;
  /** Milliseconds since 1970. */
  readonly endAtMs: number;
  /** No call begins from then on: somewhat before its end, milliseconds since 1970. */
  readonly lastBeginMs: number;
  /** The text as a JSON string. */
  readonly textJson: string;
}

/** When a mailing ends by the clock, milliseconds since 1970. */
export const endOf = (mailing: Mailing): number => Date.parse(mailing.endAt);

export function openMailing(
  mailing: Mailing,
  sequence: number,
  startedSequence: number,
  end: (mailing: Mailing) => number = endOf,
  guardMs = 0,
): OpenMailing {
  const endAtMs = end(mailing);
  return {
    mailing,
    sequence,
    startedSequence,
    endAtMs,
    lastBeginMs: endAtMs - guardMs,
    textJson: JSON.stringify(mailing.text),
  };
}

const MINUTE_MS = 60_000;

/**
 * The last moment at which a call may begin for which there was a look now, milliseconds since 1970. Until it has a connection
 * the mailing's last moment may pass, or the minute with which the client's window closes.
 */
export const mayBeginUntil = ({ mailing, lastBeginMs }: OpenMailing, now: number): number =>
  mailing.localWindow === null
    ? lastBeginMs
    : Math.min(lastBeginMs, (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS);
