import type { LoggedOutcome, ObservedMailing, ProviderRequest } from './observation.ts';

/** A request that reached the provider, and what the log says of it: null where it says nothing. */
export type Call = { readonly request: ProviderRequest; readonly outcome: LoggedOutcome | null };

/**
 * The clocks of provider and sender are the same machine's, but one is read in whole milliseconds, and the other
 * counts from the start of its process.
 */
export const CLOCK_TOLERANCE_MS = 100;

/**
 * Finds for each request of a mailing the outcome that tells of it: the same message, and arrived while that call was
 * under way. Outcomes without a request are calls that never reached the provider.
 *
 * @returns the calls of each planned message, in the order of arrival
 */
export function matchCalls(
  mailing: ObservedMailing,
  requests: readonly ProviderRequest[],
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
    own.push({ request, outcome: takeOutcomeOf(request, recorded.get(request.messageId) ?? []) });
  }
  return calls;
}

/** Of several that fit, the one that began first: both lists are in order. Each outcome tells of one request. */
function takeOutcomeOf(request: ProviderRequest, candidates: LoggedOutcome[]): LoggedOutcome | null {
  let best: LoggedOutcome | undefined;
  for (const candidate of candidates) {
    if (!tellsOf(candidate, request)) continue;
    if (best === undefined || startOf(candidate) < startOf(best)) best = candidate;
  }
  if (best === undefined) return null;
  candidates.splice(candidates.indexOf(best), 1);
  return best;
}

const startOf = ({ call }: LoggedOutcome): number => call?.startedAt ?? 0;

function tellsOf({ call }: LoggedOutcome, { at }: ProviderRequest): boolean {
  if (call === null) return false;
  const begin = call.startedAt - CLOCK_TOLERANCE_MS;
  return begin <= at && at <= call.startedAt + call.durationMs + CLOCK_TOLERANCE_MS;
}
