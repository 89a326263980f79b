import type { EventBody, Mailing, MailingEventType } from '@herald/contracts';

const HOUR_MS = 3_600_000;
/** No client has this tag: whoever would start it has nobody to plan for. */
const NOBODY = 'nobody has this tag';

/**
 * The events of a mailing that was created, resolved and settled in one moment, in this order. Its start is left out: where
 * senders follow the log, each makes a consumer on the stream that stays for an hour, and none of long ago has one.
 */
export function endedMailing(
  id: string,
  audience: { readonly messages: number; readonly batches: number },
  at: Date,
): readonly EventBody<MailingEventType>[] {
  const now = at.toISOString();
  const created: Mailing = {
    id,
    name: 'of an earlier release',
    text: 'Hello from long ago',
    startAt: now,
    endAt: new Date(at.getTime() + HOUR_MS).toISOString(),
    filter: { tags: [NOBODY] },
    localWindow: null,
    rateLimit: null,
    priority: 5,
    status: 'scheduled',
    version: 1,
    createdAt: now,
    updatedAt: now,
    startedAt: null,
    endedAt: null,
    settledAt: null,
    audience: null,
  };
  const resolved: Mailing = { ...created, status: 'running', startedAt: now, audience };
  const settled: Mailing = { ...resolved, status: 'completed', endedAt: now, settledAt: now };
  const about = (mailing: Mailing) => ({ mailing, recentCommands: [] });
  return [
    { type: 'MailingCreated', data: about(created) },
    { type: 'MailingAudienceResolved', data: about(resolved) },
    { type: 'MailingSettled', data: about(settled) },
  ];
}
