import { eventSubjects, type Mailing, makeEvent } from '@herald/contracts';
import { expiryDue, mailingStateOf, startDue } from '@herald/domain';
import { appendDecided } from '@herald/event-log';
import type { Runtime } from '@herald/service-kit';

/**
 * Starts or expires a mailing if its time has come. Of two schedulers that do this at once one append wins; the other
 * decides again on what stands there then and finds it done.
 *
 * @returns what the mailing is afterwards, null where there is none, and the position of the event that says so
 */
export async function advanceByClock(
  runtime: Runtime,
  mailingId: string,
  now: () => Date,
): Promise<{ readonly mailing: Mailing | null; readonly position: number }> {
  let mailing: Mailing | null = null;
  const subject = eventSubjects.mailing(mailingId);
  const { appended, sequence: position } = await appendDecided(
    runtime.broker,
    runtime.writer,
    subject,
    (last) => {
      if (last === null) return null;
      const at = now();
      const state = mailingStateOf(last.event);
      const due = startDue(state, at) ?? expiryDue(state, at);
      mailing = due?.data.mailing ?? state.mailing;
      const provenance = { source: runtime.service, correlationId: last.event.correlationid };
      return due === null ? null : makeEvent(due, provenance, at);
    },
  );
  if (appended !== null)
    runtime.log.info({ mailingId, event: appended.type }, 'the clock has moved a mailing');
  return { mailing, position };
}
