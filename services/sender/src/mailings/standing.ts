import type { Mailing } from '@herald/contracts';

/** What may be done with the messages of an open mailing now. */
export type Standing =
  | 'send'
  /** Nothing is begun and nothing is pulled: paused, or its end has come by the clock and not yet in the log. */
  | 'wait'
  /** What has not ended ends as expired. */
  | 'expire'
  /** What has not ended ends as cancelled. */
  | 'cancel';

/**
 * @param lastBeginMs from then on no call begins, milliseconds since 1970
 */
export function standingOf(status: Mailing['status'], lastBeginMs: number, now: number): Standing {
  switch (status) {
    case 'running':
      return now < lastBeginMs ? 'send' : 'wait';
    case 'expired':
      return 'expire';
    case 'deleted':
      return 'cancel';
    // Scheduled and completed mailings are not open; a paused one may be resumed.
    case 'paused':
    case 'scheduled':
    case 'completed':
      return 'wait';
    default:
      return status satisfies never;
  }
}
