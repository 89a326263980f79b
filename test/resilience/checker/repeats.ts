import type { Call } from './calls.ts';
import { mayBeCutOff } from './cut-off.ts';
import type { Finding, Interruption, Observation } from './observation.ts';

/** As many calls as one sender has under way or not yet recorded at the most: twice `SENDER_CONCURRENCY`. */
const MOST_UNRECORDED = 128;

/**
 * A message that the provider has accepted may be called for again only if the answer was lost: the log says so, or
 * the call was cut off with its sender.
 */
export function checkRepeats(calls: Iterable<readonly Call[]>, observation: Observation): Finding[] {
  const findings: Finding[] = [];
  for (const own of calls) {
    for (const [index, call] of own.entries()) {
      const next = own[index + 1];
      if (!call.request.accepted || next === undefined || isLost(call, observation)) continue;
      const { messageId, sequence } = call.request;
      const laterMs = Math.round(next.request.at - call.request.at);
      findings.push({
        rule: 'repeats only what was lost',
        detail:
          `message ${messageId}: request ${sequence} was accepted and ${tellOutcome(call, next)}, ` +
          `request ${next.request.sequence} came ${laterMs} ms later`,
      });
    }
  }
  return findings;
}

/** Whether the repeat could have known better: what is recorded too late is another trouble than what is not looked up. */
function tellOutcome({ outcome }: Call, next: Call): string {
  if (outcome === null) return 'never recorded';
  const lateMs = Math.round(outcome.storedAt - next.request.at);
  return `recorded as ${outcome.kind}${lateMs > 0 ? ` ${lateMs} ms after it was repeated` : ''}`;
}

export function isLost(call: Call, { interruptions, brokerAway }: Observation): boolean {
  if (call.outcome?.kind === 'lost' || call.outcome?.kind === 'unknown') return true;
  return interruptions.some((interruption) => mayBeCutOff(call, interruption, brokerAway));
}

/**
 * The log knows every call, except for those that were under way or not yet recorded when a sender was killed: no more
 * of them than one sender can have.
 */
export function checkRecorded(calls: Iterable<readonly Call[]>, observation: Observation): Finding[] {
  const findings: Finding[] = [];
  const kills = observation.interruptions.filter(({ kind }) => kind === 'killed');
  const cutOffBy = new Map<Interruption, number>(kills.map((kill) => [kill, 0]));
  for (const call of [...calls].flat()) {
    if (call.outcome !== null) continue;
    const kill = kills.find(
      (each) =>
        (cutOffBy.get(each) ?? 0) < MOST_UNRECORDED && mayBeCutOff(call, each, observation.brokerAway),
    );
    if (kill !== undefined) {
      cutOffBy.set(kill, (cutOffBy.get(kill) ?? 0) + 1);
      continue;
    }
    const { sequence, messageId } = call.request;
    findings.push({
      rule: 'the log knows every call',
      detail: `message ${messageId}: request ${sequence} has no outcome, and no killed sender can have had it`,
    });
  }
  return findings;
}
