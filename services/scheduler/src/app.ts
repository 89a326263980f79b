import {
  eventSubjects,
  isMailingEvent,
  type Mailing,
  parseEvent,
  pendingMailingsQuery,
} from '@herald/contracts';
import { type LogRecord, readLog } from '@herald/event-log';
import { ask, type Runtime } from '@herald/service-kit';
import { Counter } from 'prom-client';
import { advanceByClock } from './advance-by-clock.ts';
import { MailingAlarms } from './mailing-alarms.ts';

const RETRY_MS = 500;

/**
 * Composes the scheduler: alarms for every mailing whose start or end is to come, set from one question at boot and
 * from then on by following the mailings' events. Resolves when the alarms are set; waits for the mailing service as
 * long as it takes.
 */
export async function startScheduler(runtime: Runtime): Promise<void> {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  const moved = new Counter({
    name: 'herald_scheduler_mailings_moved_total',
    help: 'Mailings that this scheduler looked at because their start or end had come.',
    registers: [runtime.metrics],
  });
  const alarms = new MailingAlarms((mailingId) => {
    const work = ring(mailingId).finally(() => underWay.delete(work));
    underWay.add(work);
  });
  const setAlarm: SetAlarm = (mailingId, mailing, position) => {
    if (!stopping.signal.aborted) alarms.set(mailingId, mailing, position);
  };
  const ring = async (mailingId: string): Promise<void> => {
    try {
      moved.inc();
      const { mailing, position } = await advanceByClock(runtime, mailingId, () => new Date());
      if (mailing !== null) setAlarm(mailingId, mailing, position);
    } catch (error) {
      runtime.log.error({ err: error, mailingId }, 'a mailing cannot be moved now and is tried again');
      if (!stopping.signal.aborted) alarms.ringAgain(mailingId, new Date(Date.now() + RETRY_MS));
    }
  };
  runtime.onStop('alarms', async () => {
    stopping.abort(new Error('stopping'));
    alarms.clearAll();
    await Promise.all(underWay);
  });

  const sequence = await setFirstAlarms(runtime, stopping.signal, setAlarm);
  const following = follow(runtime, sequence, stopping.signal, setAlarm);
  runtime.onStop('following', async () => {
    stopping.abort(new Error('stopping'));
    await following;
  });
  runtime.describe(() => ({ timers: alarms.size }));
}

/** @param position where the log says so */
type SetAlarm = (
  mailingId: string,
  mailing: Pick<Mailing, 'status' | 'startAt' | 'endAt'>,
  position: number,
) => void;

/** @returns the position in the log that the first alarms are current to */
async function setFirstAlarms(runtime: Runtime, signal: AbortSignal, setAlarm: SetAlarm): Promise<number> {
  for (;;) {
    try {
      let after: string | null = null;
      let sequence: number | undefined;
      do {
        const page: Awaited<ReturnType<typeof askPending>> = await askPending(runtime, after);
        sequence ??= page.sequence;
        for (const mailing of page.mailings) setAlarm(mailing.id, mailing, sequence);
        after = page.next;
      } while (after !== null);
      return sequence;
    } catch (error) {
      signal.throwIfAborted();
      runtime.log.info({ reason: String(error) }, 'the mailing service does not say yet what is to come');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const askPending = (runtime: Runtime, after: string | null) =>
  ask(runtime.broker, pendingMailingsQuery, { after });

async function follow(
  runtime: Runtime,
  sequence: number,
  signal: AbortSignal,
  setAlarm: SetAlarm,
): Promise<void> {
  const reading = { filter: eventSubjects.allMailings, startSequence: sequence + 1, signal };
  for await (const records of readLog(runtime.broker, reading)) {
    for (const record of records) apply(runtime, record, setAlarm);
  }
}

/** An event that cannot be read is said and passed over: its mailing keeps the alarm that it has. */
function apply(runtime: Runtime, record: LogRecord, setAlarm: SetAlarm): void {
  try {
    const event = parseEvent(record.text);
    if (isMailingEvent(event)) setAlarm(event.data.mailing.id, event.data.mailing, record.sequence);
  } catch (error) {
    runtime.log.error(
      { err: error, sequence: record.sequence, subject: record.subject },
      'an event is not readable',
    );
  }
}
