import type { Interval, LoggedOutcome, ObservedMailing, ProviderRequest } from './observation.ts';

/** A request that reached the provider, and what the log says of it: null where it says nothing. */
export type Call = { readonly request: ProviderRequest; readonly outcome: LoggedOutcome | null };

/**
 * The clocks of provider and sender are the same machine's, but one is read in whole milliseconds, and the other
 * counts from the start of its process.
 */
export const CLOCK_TOLERANCE_MS = 100;
/** So long after a line is free again everything that was held up on it has arrived. */
const ARRIVAL_MS = 2_000;

/**
 * Finds for each request of a mailing the outcome that tells of it: the same message, and arrived while that call was
 * under way. A request that was held up on its way arrives when its call has long been given up as lost. Outcomes
 * without a request are calls that never reached the provider.
 *
 * @returns the calls of each planned message, in the order in which they began
 */
export function matchCalls(
  mailing: ObservedMailing,
  requests: readonly ProviderRequest[],
  heldUp: readonly Interval[] = [],
): ReadonlyMap<number, readonly Call[]> {
  const recorded = new Map<number, LoggedOutcome[]>();
  for (const outcome of mailing.outcomes) {
    if (outcome.call === null) continue;
    const same = recorded.get(outcome.messageId);
    if (same === undefined) recorded.set(outcome.messageId, [outcome]);
    else same.push(outcome);
  }
  const calls = new Map<number, Call[]>(mailing.planned.map(({ messageId }) => [messageId, []]));
  const inOrder = [...requests].sort((one, other) => one.at - other.at);
  for (const request of inOrder) {
    const own = request.messageId === null ? undefined : calls.get(request.messageId);
    if (own === undefined || request.messageId === null) continue;
    own.push({ request, outcome: takeOutcomeOf(request, recorded.get(request.messageId) ?? [], heldUp) });
  }
  for (const own of calls.values()) own.sort((one, other) => startOf(one) - startOf(other));
  return calls;
}

/** When a call began, as far as anybody knows. */
const startOf = ({ request, outcome }: Call): number => outcome?.call?.startedAt ?? request.at;

/** Of several that fit, the one that began first: both lists are in order. Each outcome tells of one request. */
function takeOutcomeOf(
  request: ProviderRequest,
  candidates: LoggedOutcome[],
  heldUp: readonly Interval[],
): LoggedOutcome | null {
  const fitting = candidates.filter((candidate) => tellsOf(candidate, request, heldUp));
  const [best] = fitting.sort((one, other) => (one.call?.startedAt ?? 0) - (other.call?.startedAt ?? 0));
  if (best === undefined) return null;
  candidates.splice(candidates.indexOf(best), 1);
  return best;
}

function tellsOf(
  { call, kind }: LoggedOutcome,
  { at }: ProviderRequest,
  heldUp: readonly Interval[],
): boolean {
  if (call === null || at < call.startedAt - CLOCK_TOLERANCE_MS) return false;
  const end = call.startedAt + call.durationMs;
  if (at <= end + CLOCK_TOLERANCE_MS) return true;
  const wasHeldUp = ({ from, until }: Interval): boolean =>
    call.startedAt <= until && end >= from && at <= until + ARRIVAL_MS;
  return kind === 'lost' && heldUp.some(wasHeldUp);
}
