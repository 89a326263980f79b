import type { OpenMailing } from '../mailings/open-mailing.ts';
import { unwantedMs } from './back-off.ts';
import type { Batch } from './batch.ts';
import type { BatchTools } from './batch-tools.ts';
import type { Deliverable } from './deliverable.ts';
import { endOne } from './end-batch.ts';
import { type LookedUp, lookUp } from './look-up.ts';
import type { PutOff } from './parked-batches.ts';
import { initialProgress, type MessageProgress } from './progress.ts';

/** What is to be done with a batch, once it is known what stands in the log. */
export type Prepared =
  | { readonly kind: 'completed-before' }
  | { readonly kind: 'not-now'; readonly putOff: PutOff }
  /** Its mailing expired or was deleted. */
  | { readonly kind: 'to-be-ended'; readonly open: OpenMailing }
  | { readonly kind: 'ready'; readonly deliverables: Deliverable[] };

/** Changes of a mailing are to be met soon: nothing is parked for longer at a time, milliseconds. */
const LONGEST_PARKED_MS = 60_000;

/**
 * Finds out what remains of a claimed batch and whom it goes to. What memory can refuse is refused before anything is
 * read. Fills `batch.messages`, and ends the messages of clients that were removed.
 *
 * @throws the broker's errors; ZodError or Error for an outcome that cannot be read
 */
export async function prepare(tools: BatchTools, batch: Batch): Promise<Prepared> {
  const refused = refuse(tools, batch);
  if (refused !== null) return { kind: 'not-now', putOff: refused };
  const found: LookedUp =
    tools.forgetful === true
      ? { kind: 'open', messages: initialProgress(batch.queued.data) }
      : await lookUp(tools.broker, batch.queued, batch.work.sequence, batch.givenUp.signal);
  if (found.kind === 'completed') return { kind: 'completed-before' };
  batch.messages = found.messages;
  const open = tools.mailings.get(batch.mailingId);
  const standing = tools.mailings.standing(batch.mailingId, Date.now());
  if (open === undefined || standing === undefined || standing === 'wait') {
    return notNow(unwantedMs(tools.random()));
  }
  if (standing !== 'send') return { kind: 'to-be-ended', open };
  return resolveRecipients(tools, batch, open);
}

const notNow = (delayMs: number): Prepared => ({ kind: 'not-now', putOff: { delayMs, closed: null } });

/** For how long a delivery that is not wanted is given back; `null` when it is wanted. */
function refuse(tools: BatchTools, batch: Batch): PutOff | null {
  const now = Date.now();
  const open = tools.mailings.get(batch.mailingId);
  const standing = tools.mailings.standing(batch.mailingId, now);
  if (open === undefined || standing === 'wait') {
    return { delayMs: unwantedMs(tools.random()), closed: null };
  }
  if (standing !== 'send') return null;
  const window = open.mailing.localWindow;
  const opensInMs = tools.parked.closedForMs(batch.mailingId, batch.number, window);
  if (window === null || opensInMs === 0) return null;
  return {
    delayMs: Math.min(opensInMs, LONGEST_PARKED_MS, open.endAtMs - now),
    closed: { window, opensInMs },
  };
}

async function resolveRecipients(tools: BatchTools, batch: Batch, open: OpenMailing): Promise<Prepared> {
  const remaining = batch.messages.filter((message) => !message.ended);
  if (remaining.length === 0) return { kind: 'ready', deliverables: [] };
  const recipients = await tools.directory.resolve(remaining.map((message) => message.clientId));
  if (recipients === null) {
    const delayMs = tools.directory.restLeftMs;
    tools.log.warn(
      { mailingId: batch.mailingId, batch: batch.number, delayMs },
      'nobody resolves recipients',
    );
    return notNow(delayMs);
  }
  const deliverables: Deliverable[] = [];
  const removed: MessageProgress[] = [];
  for (const message of remaining) {
    const recipient = recipients.get(message.clientId);
    if (recipient === undefined) removed.push(message);
    else deliverables.push({ message, recipient });
  }
  // Given up while the directory was asked: whoever has the batch next finds the same.
  if (batch.state.kind === 'looking-up') {
    await Promise.all(removed.map((message) => endOne(tools, batch, open, message, 'client-removed')));
  }
  return { kind: 'ready', deliverables };
}
