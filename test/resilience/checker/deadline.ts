import type { Call } from './calls.ts';
import type { Finding, ObservedMailing } from './observation.ts';

/** No call of a mailing starts at the provider at its end or after it. */
export function checkDeadline(mailing: ObservedMailing, calls: Iterable<readonly Call[]>): Finding[] {
  return [...calls]
    .flat()
    .filter(({ request }) => request.at >= mailing.endAt)
    .map(({ request }) => ({
      rule: 'nothing after the end',
      detail: `request ${request.sequence} (message ${request.messageId}) came ${Math.round(request.at - mailing.endAt)} ms after the end`,
    }));
}
