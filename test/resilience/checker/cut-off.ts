import { type Call, CLOCK_TOLERANCE_MS } from './calls.ts';
import type { Interruption, Interval } from './observation.ts';

/** So long a sender gives a call (`PROVIDER_TIMEOUT_MS`). */
const CALL_MS = 5_000;
/**
 * Between the provider's answer and the outcome in the log, while the broker is there. Milliseconds when all is well; behind
 * a record whose acknowledgement is lost, until that is sent again after 4 s.
 */
const RECORDING_MS = 5_000;

/**
 * True where the call may have been in a sender's hand when that was interrupted, so that its answer was lost although
 * no event says so:
 *
 * - killed: it had begun, the log says nothing of it, and the answer, if there was one, had not been there long enough
 *   to be recorded. Time in which the broker was away does not count.
 * - frozen: it had begun before, and was recorded later than the freeze began, or never.
 */
export function mayBeCutOff(
  call: Call,
  interruption: Interruption,
  brokerAway: readonly Interval[],
): boolean {
  const { request, outcome } = call;
  const interruptedAt = interruption.kind === 'killed' ? interruption.at : interruption.from;
  if (request.at > interruptedAt + CLOCK_TOLERANCE_MS) return false;
  if (interruption.kind === 'frozen')
    return outcome === null || outcome.storedAt > interruptedAt - CLOCK_TOLERANCE_MS;
  if (outcome !== null) return false;
  const answeredAt = request.respondedAt ?? request.at + CALL_MS;
  const couldBeRecordedMs = interruptedAt - answeredAt - overlapMs(answeredAt, interruptedAt, brokerAway);
  return couldBeRecordedMs < RECORDING_MS;
}

function overlapMs(from: number, until: number, intervals: readonly Interval[]): number {
  let sum = 0;
  for (const each of intervals) sum += Math.max(0, Math.min(until, each.until) - Math.max(from, each.from));
  return sum;
}
