import type { OpenMailing } from '../mailings/open-mailing.ts';
import type { Batch, Taken } from './batch.ts';
import type { BatchTools } from './batch-tools.ts';
import { endedWithoutCall, type OutcomeBody, type OutcomeContext, outcomeOf } from './outcome.ts';
import type { MessageProgress } from './progress.ts';

/**
 * Begins with the batch's next message, if one may be begun.
 *
 * @returns resolves when what came of it stands in the log, so that a slot is never free while an outcome could still
 *   be lost; never rejects. `null` when nothing was begun
 */
export function deliverNext(tools: BatchTools, batch: Batch): Promise<void> | null {
  const taken = batch.takeNext();
  if (taken === null) return null;
  return taken.callable ? deliver(tools, batch, taken) : endUncallable(tools, batch, taken);
}

async function deliver(tools: BatchTools, batch: Batch, { next, open }: Taken): Promise<void> {
  const { message, recipient } = next;
  const abort = new AbortController();
  const startedAt = Date.now();
  const began = performance.now();
  batch.callBegan(abort);
  const request = { messageId: message.messageId, phone: recipient.phone, textJson: open.textJson };
  try {
    const answer = await tools.provider.send(request, abort, open.endAtMs);
    const durationMs = performance.now() - began;
    if (answer !== null) tools.metrics.called(answer.kind, durationMs);
    if (answer === null || answer.kind === 'token-rejected') {
      batch.notCalled(next);
      return;
    }
    const made = { answer, startedAt, durationMs };
    await record(tools, batch, message, outcomeOf(message, made, contextOf(tools, batch, open)));
  } catch (error) {
    unrecorded(tools, batch, message, error);
  } finally {
    batch.callEnded(abort);
  }
}

async function endUncallable(tools: BatchTools, batch: Batch, { next, open }: Taken): Promise<void> {
  const { message } = next;
  try {
    const ended = endedWithoutCall(message, 'time-zone-unknown', contextOf(tools, batch, open));
    await record(tools, batch, message, ended);
  } catch (error) {
    unrecorded(tools, batch, message, error);
  }
}

async function record(
  tools: BatchTools,
  batch: Batch,
  message: MessageProgress,
  body: OutcomeBody,
): Promise<void> {
  const event = batch.event(body);
  await tools.writer.publish(batch.outcomeSubject, JSON.stringify(event));
  message.attempts = body.data.attempt;
  if (body.type !== 'MessageRetried') message.ended = true;
  else if (body.data.answer === 'lost') message.lost = true;
  if (tools.log.isLevelEnabled('debug')) {
    const { mailingId, messageId, clientId, attempt } = body.data;
    const error = 'error' in body.data ? body.data.error : undefined;
    const correlationId = batch.queued.correlationid;
    tools.log.debug({ mailingId, messageId, clientId, correlationId, attempt, error }, body.type);
  }
  batch.recorded(message);
}

export const contextOf = (tools: BatchTools, batch: Batch, open: OpenMailing): OutcomeContext => ({
  mailingId: batch.mailingId,
  batch: batch.number,
  mailingVersion: open.mailing.version,
  idempotent: tools.idempotent,
});

/** The log will not have it (full, or closed at a stop that took too long): calling on would be calling unrecorded. */
function unrecorded(tools: BatchTools, batch: Batch, message: MessageProgress, error: unknown): void {
  const { mailingId } = batch;
  const { messageId, clientId } = message;
  tools.log.error({ err: error, mailingId, messageId, clientId }, 'an outcome could not be recorded');
  batch.halt('lease-lost');
  batch.recorded(message);
}
