import type { Call } from './calls.ts';
import type { Finding, ObservedMailing, ProviderRequest } from './observation.ts';

const RULE = 'always under the same id';

/** A message is called for under its own id only, always for the same phone, and nobody gets two. */
export function checkIdentity(
  mailing: ObservedMailing,
  calls: ReadonlyMap<number, readonly Call[]>,
): Finding[] {
  const findings: Finding[] = [];
  const clients = new Set(mailing.planned.map(({ clientId }) => clientId));
  if (clients.size !== mailing.planned.length || calls.size !== mailing.planned.length)
    findings.push({ rule: RULE, detail: `mailing ${mailing.id}: a client or an id is planned twice` });
  const idOfPhone = new Map<number, number>();
  for (const [messageId, own] of calls) {
    for (const { request } of own) {
      const key = request.idempotencyKey;
      if (key !== String(messageId))
        findings.push({
          rule: RULE,
          detail: `request ${request.sequence} of ${messageId} has the key ${key}`,
        });
      if (request.phone === null) continue;
      const before = idOfPhone.get(request.phone);
      if (before !== undefined && before !== messageId)
        findings.push({ rule: RULE, detail: `messages ${before} and ${messageId} went to one phone` });
      idOfPhone.set(request.phone, messageId);
    }
    if (new Set(own.flatMap(({ request }) => request.phone ?? [])).size > 1)
      findings.push({ rule: RULE, detail: `message ${messageId} went to several phones` });
  }
  return findings;
}

/** Nothing arrives that nobody planned. */
export function checkStrangers(
  mailings: readonly ObservedMailing[],
  requests: readonly ProviderRequest[],
): Finding[] {
  const textOf = new Map<number, string>();
  for (const { planned, text } of mailings) for (const { messageId } of planned) textOf.set(messageId, text);
  const isStrange = ({ messageId, text }: ProviderRequest): boolean => {
    const planned = messageId === null ? undefined : textOf.get(messageId);
    return planned === undefined || (text !== null && text !== planned);
  };
  return requests.filter(isStrange).map(({ sequence, messageId }) => ({
    rule: 'nothing but what was planned',
    detail: `request ${sequence} (message ${messageId}) is of no mailing, or has another one's text`,
  }));
}
