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
): OpenMailing {
  return {
    mailing,
    sequence,
    startedSequence,
    endAtMs: end(mailing),
    textJson: JSON.stringify(mailing.text),
  };
}
