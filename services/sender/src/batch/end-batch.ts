import { eventSubjects } from '@herald/contracts';
import { appendExpecting } from '@herald/event-log';
import type { OpenMailing } from '../mailings/open-mailing.ts';
import type { Batch } from './batch.ts';
import type { BatchTools } from './batch-tools.ts';
import { contextOf } from './deliver.ts';
import { endedWithoutCall } from './outcome.ts';
import type { MessageProgress } from './progress.ts';

/**
 * Ends what remains of a batch whose mailing expired or was deleted: all at once, except for messages with a call
 * whose answer was lost, of which nobody knows.
 */
export async function endRest(tools: BatchTools, batch: Batch, open: OpenMailing): Promise<void> {
  const rest = batch.messages.filter((message) => !message.ended);
  const untouched = rest.filter((message) => !message.lost).map((message) => message.messageId);
  const appends: Promise<unknown>[] = [];
  if (untouched.length > 0) {
    const data = { mailingId: batch.mailingId, batch: batch.number, messageIds: untouched };
    const type = open.mailing.status === 'deleted' ? 'MessagesCancelled' : 'MessagesExpired';
    const event = batch.event({ type, data });
    appends.push(tools.writer.publish(batch.outcomeSubject, JSON.stringify(event)));
  }
  for (const message of rest) {
    if (message.lost) appends.push(endOne(tools, batch, open, message, 'answer-lost'));
  }
  await Promise.all(appends);
  for (const message of rest) message.ended = true;
}

/** Ends one message without a call, and resolves when that stands in the log. */
export async function endOne(
  tools: BatchTools,
  batch: Batch,
  open: OpenMailing,
  message: MessageProgress,
  error: string,
): Promise<void> {
  const event = batch.event(endedWithoutCall(message, error, contextOf(tools, batch, open)));
  await tools.writer.publish(batch.outcomeSubject, JSON.stringify(event));
  message.ended = true;
}

/** Says that every message has ended, once for ever, and acknowledges the batch. */
export async function completeBatch(tools: BatchTools, batch: Batch): Promise<void> {
  const { mailingId, number } = batch;
  const data = { mailingId, batch: number, messages: batch.queued.data.clientIds.length };
  const event = batch.event({ type: 'BatchCompleted', data });
  // A conflict means that it stands there already: somebody else completed the batch, with the same words.
  await appendExpecting(tools.broker, tools.writer, eventSubjects.batch(mailingId, number), event, 0);
  await batch.work.done();
}
