import { unwantedMs } from './back-off.ts';
import type { Batch } from './batch.ts';
import type { Conclusion } from './batch-state.ts';
import type { BatchTools } from './batch-tools.ts';
import { completeBatch, endRest } from './end-batch.ts';
import { prepare } from './prepare.ts';
import { putOff } from './put-off.ts';

/** A batch that could not be worked on is tried again, but not in a hurry, milliseconds. */
const TROUBLED_MS = 10_000;

/**
 * Carries a claimed batch to its end: done, given back or let go. Never rejects.
 *
 * @param onReady its messages can be called for now
 */
export async function runBatch(tools: BatchTools, batch: Batch, onReady: () => void): Promise<void> {
  try {
    await work(tools, batch, onReady);
  } catch (error) {
    giveUp(tools, batch, error);
  } finally {
    batch.releaseLease();
  }
}

async function work(tools: BatchTools, batch: Batch, onReady: () => void): Promise<void> {
  const prepared = await prepare(tools, batch);
  // Given up meanwhile: by a stop or by the loss of its lease.
  if (batch.state.kind === 'concluded') return carryOut(tools, batch, batch.state.conclusion);
  switch (prepared.kind) {
    case 'completed-before':
      return batch.work.done();
    case 'not-now':
      return tools.parked.park(batch, prepared.putOff);
    case 'to-be-ended':
      await endRest(tools, batch, prepared.open);
      return completeBatch(tools, batch);
    case 'ready':
      batch.beginSending(prepared.deliverables);
      // What happened to the mailing while the batch was looked up was told to nobody, and its turn may be far away.
      batch.reconsider(Date.now());
      onReady();
      return carryOut(tools, batch, await batch.concluded);
    default:
      return prepared satisfies never;
  }
}

async function carryOut(tools: BatchTools, batch: Batch, conclusion: Conclusion): Promise<void> {
  switch (conclusion) {
    case 'completed':
      return completeBatch(tools, batch);
    case 'put-off':
      return tools.parked.park(batch, putOff(tools, batch, Date.now()));
    case 'past-end':
      return batch.work.giveBack(unwantedMs(tools.random()));
    case 'returned':
      return batch.work.giveBack(0);
    case 'ended-by-decree': {
      const open = tools.mailings.get(batch.mailingId);
      if (open === undefined) return batch.work.giveBack(unwantedMs(tools.random()));
      await endRest(tools, batch, open);
      return completeBatch(tools, batch);
    }
    case 'lease-lost':
      // Not given back: that would also take it away from whoever has it now. Its ack wait runs out.
      tools.log.warn({ mailingId: batch.mailingId, batch: batch.number }, 'a batch was let go');
      return;
    default:
      return conclusion satisfies never;
  }
}

function giveUp(tools: BatchTools, batch: Batch, error: unknown): void {
  const { state, mailingId, number } = batch;
  const conclusion = state.kind === 'concluded' ? state.conclusion : null;
  if (conclusion === 'lease-lost' || tools.broker.connection.isClosed()) return;
  if (conclusion === 'returned') {
    batch.work.giveBack(0);
    return;
  }
  const correlationId = batch.queued.correlationid;
  tools.log.error({ err: error, mailingId, batch: number, correlationId }, 'a batch could not be worked on');
  batch.halt('lease-lost');
  tools.parked.park(batch, { delayMs: TROUBLED_MS, closed: null });
}
