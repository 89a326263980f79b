import { BATCH_SIZE, type EventBody, eventSubjects, makeEvent, newId } from '@herald/contracts';
import { connectBroker, LogWriter } from '@herald/event-log';
import { endedMailing } from '../bench/processes/ended-mailing.ts';

/** Outcomes in one record, about as many as a sender gathers at full speed. */
const OUTCOMES_OF_RECORD = 25;
/** Batches that are written side by side. */
const AT_ONCE = 8;
/** Far behind the ids that the system plans itself. */
const FIRST_MESSAGE_ID = 1_000_000_000;
/** Every so many messages one has failed. */
const FAILED_OF = 100;

/**
 * Writes a mailing that has ended into a log, with its outcomes in groups as senders record them.
 *
 * @returns its id, and the position of its last event
 */
export async function writeMailing(
  natsUrl: string,
  batches: number,
): Promise<{ readonly id: string; readonly sequence: number }> {
  const broker = await connectBroker({ url: natsUrl, name: 'load' });
  const writer = new LogWriter(broker);
  const id = newId();
  let sequence = 0;
  const publish = async (subject: string, body: EventBody): Promise<void> => {
    const event = makeEvent(body, { source: 'load', correlationId: id }, new Date());
    const result = await writer.publish(subject, JSON.stringify(event));
    if (result.kind !== 'stored') throw new Error(result.kind);
    sequence = Math.max(sequence, result.sequence);
  };
  const life = endedMailing(id, { messages: batches * BATCH_SIZE, batches }, new Date());
  const [created, resolved] = life;
  const subject = eventSubjects.mailing(id);
  // Its start is what a proof begins with; senders that follow the log find nothing to be done.
  if (created !== undefined) await publish(subject, created);
  if (resolved !== undefined) await publish(subject, { ...resolved, type: 'MailingStarted' });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < batches) {
      const batch = next;
      next += 1;
      await writeBatch(publish, id, batch);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const event of life.slice(1)) await publish(subject, event);
  writer.close();
  await broker.connection.close();
  return { id, sequence };
}

async function writeBatch(
  publish: (subject: string, body: EventBody) => Promise<void>,
  mailingId: string,
  batch: number,
): Promise<void> {
  const firstMessageId = FIRST_MESSAGE_ID + batch * BATCH_SIZE;
  const clientIds = Array.from({ length: BATCH_SIZE }, newId);
  const queued = { mailingId, batch, timezone: 'UTC', firstMessageId, clientIds };
  await publish(eventSubjects.queued(mailingId, batch), { type: 'MessagesQueued', data: queued });
  const call = { startedAt: new Date().toISOString(), durationMs: 12.5, statusCode: 200 };
  for (let from = 0; from < BATCH_SIZE; from += OUTCOMES_OF_RECORD) {
    const outcomes = Array.from({ length: OUTCOMES_OF_RECORD }, (_, index) => {
      const about = { place: from + index, attempt: 1, mailingVersion: 1, call };
      return (from + index) % FAILED_OF === 0
        ? { type: 'MessageFailed' as const, ...about, error: 'the provider says no, for "reasons"' }
        : { type: 'MessageSent' as const, ...about };
    });
    const data = { mailingId, batch, firstMessageId, outcomes };
    await publish(eventSubjects.outcome(mailingId, batch), { type: 'OutcomesRecorded', data });
  }
  const completed = { mailingId, batch, messages: BATCH_SIZE };
  await publish(eventSubjects.batch(mailingId, batch), { type: 'BatchCompleted', data: completed });
}
