import type { MessageCounts } from '@herald/contracts';
import type { Call } from './calls.ts';
import { endingsOf } from './endings.ts';
import type { Finding, Observation, ObservedMailing } from './observation.ts';
import { isLost } from './repeats.ts';

/** Each planned message ends exactly once in the statistics, and as the log says; the sums agree. */
export function checkEndings(mailing: ObservedMailing): Finding[] {
  const findings: Finding[] = [];
  const found = (detail: string) => findings.push({ rule: 'everybody ends exactly once', detail });
  const endings = endingsOf(mailing);
  const shown = new Map(mailing.messages.map(({ id, status }) => [id, status]));
  if (shown.size !== mailing.messages.length) found('the statistics list a message twice');
  if (shown.size !== mailing.planned.length)
    found(`${mailing.planned.length} are planned, the statistics list ${shown.size}`);
  const counts: MessageCounts = { queued: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
  for (const { messageId } of mailing.planned) {
    const inTheLog = endings.get(messageId)?.status ?? 'queued';
    counts[inTheLog] += 1;
    const inTheList = shown.get(messageId);
    if (inTheLog === 'queued') found(`message ${messageId} has not ended`);
    else if (inTheLog !== inTheList)
      found(`message ${messageId} is ${inTheLog} in the log and ${inTheList} in the list`);
  }
  return [...findings, ...checkSums(mailing, counts)];
}

function checkSums(mailing: ObservedMailing, counted: MessageCounts): Finding[] {
  const { statistics, planned, audience } = mailing;
  const sum = Object.values(statistics.counts).reduce((total, count) => total + count, 0);
  const shown = {
    planned: planned.length,
    audience,
    'planned in the statistics': statistics.planned,
    'sum of the statuses': sum,
  };
  const findings: Finding[] = [];
  if (new Set(Object.values(shown)).size !== 1)
    findings.push({ rule: 'the sums agree', detail: JSON.stringify(shown) });
  const differ = Object.entries(counted).filter(
    ([status, count]) => Object.entries(statistics.counts).find(([name]) => name === status)?.[1] !== count,
  );
  if (differ.length > 0)
    findings.push({
      rule: 'the sums agree',
      detail: `the log counts ${JSON.stringify(counted)}, the statistics ${JSON.stringify(statistics.counts)}`,
    });
  return findings;
}

/**
 * The provider's own count: who was sent was accepted there, and who was accepted there counts as sent, unless no
 * answer was ever heard.
 */
export function checkProviderAgrees(
  mailing: ObservedMailing,
  calls: ReadonlyMap<number, readonly Call[]>,
  observation: Observation,
): Finding[] {
  const findings: Finding[] = [];
  const rule = 'the provider counts the same';
  for (const [messageId, { status }] of endingsOf(mailing)) {
    const accepted = (calls.get(messageId) ?? []).filter(({ request }) => request.accepted);
    if (status === 'sent' && accepted.length === 0)
      findings.push({ rule, detail: `message ${messageId} counts as sent, and was never accepted` });
    const heard = accepted.find((call) => !isLost(call, observation));
    if (status !== 'sent' && heard !== undefined)
      findings.push({
        rule,
        detail: `message ${messageId} is ${status}, and request ${heard.request.sequence} was accepted`,
      });
  }
  return findings;
}
