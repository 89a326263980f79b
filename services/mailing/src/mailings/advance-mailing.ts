import { eventSubjects, type MailingEvent, makeEvent } from '@herald/contracts';
import { type MailingState, mailingStateOf } from '@herald/domain';
import { appendDecided, type Decided } from '@herald/event-log';
import type { Dependencies } from '../dependencies.ts';

/** Appends what delivery makes of a mailing, if it is due. The event belongs to what the mailing's last one belongs to. */
export function advanceMailing(
  { runtime, now }: Dependencies,
  mailingId: string,
  decide: (state: MailingState, now: Date) => MailingEvent | null,
): Promise<Decided> {
  return appendDecided(runtime.broker, runtime.writer, eventSubjects.mailing(mailingId), (last) => {
    if (last === null) return null;
    const at = now();
    const due = decide(mailingStateOf(last.event), at);
    const provenance = { source: runtime.service, correlationId: last.event.correlationid };
    return due === null ? null : makeEvent(due, provenance, at);
  });
}
