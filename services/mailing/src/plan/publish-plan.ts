import { deriveId, eventSubjects, makeEvent } from '@herald/contracts';
import { audienceResolved, mailingStateOf } from '@herald/domain';
import { loadLast } from '@herald/event-log';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { advanceMailing } from '../mailings/advance-mailing.ts';

/** A plan whose batches are not all known to be in the log. */
export interface UnresolvedPlan {
  readonly mailing_id: string;
  readonly batches: number;
  readonly messages: number;
  readonly correlation_id: string;
  /** How many batches are cut; `null` where all are. */
  readonly batches_cut: number | null;
}

interface PlannedBatch {
  readonly batch: number;
  readonly timezone: string;
  readonly first_message_id: number;
  readonly client_ids: string[];
}

/** How far this instance is with a plan, so that a new try goes on there. */
export interface PublishProgress {
  /** So many of its batches are in the log: the first ones by their numbers. */
  published: number;
  /** They are those before this number. */
  next: number;
}

/** The log holds another batch than the plan where both should be the same. */
export class OtherBatchError extends Error {
  override readonly name = 'OtherBatchError';
}

/** Cuts the next batches. @returns how many are cut now; `null` where all are */
export type Cut = () => Promise<number | null>;

/** How many batches are read from the database and published side by side. */
const PAGE = 64;

/**
 * Publishes a plan's batches while they are cut, and then says that the audience is resolved. Each batch stands once on its
 * subject (expected sequence 0), with an id that derives from its place: whoever publishes it again publishes the same and
 * finds it there. What the log knows as resolved is not cut: a model that is made anew meets all old plans.
 *
 * @param signal ends it between two pages
 * @returns the position in the log from which on the audience is resolved
 */
export async function publishPlan(
  dependencies: Dependencies,
  plan: UnresolvedPlan,
  progress: PublishProgress,
  cut: Cut,
  signal: AbortSignal,
): Promise<number> {
  const last = await loadLast(dependencies.runtime.broker, eventSubjects.mailing(plan.mailing_id));
  if (last !== null && mailingStateOf(last.event).mailing.audience !== null) return last.sequence;
  await publishWhatIsCut(dependencies, plan, progress, cut, signal);
  const audience = { messages: plan.messages, batches: plan.batches };
  const done = await advanceMailing(dependencies, plan.mailing_id, (state) =>
    audienceResolved(state, audience),
  );
  if (done.appended)
    dependencies.runtime.log.info({ mailingId: plan.mailing_id, ...audience }, 'the audience is resolved');
  return done.sequence;
}

/** Publishes one page while the next one is cut. */
async function publishWhatIsCut(
  dependencies: Dependencies,
  plan: UnresolvedPlan,
  progress: PublishProgress,
  cut: Cut,
  signal: AbortSignal,
): Promise<void> {
  let cutting = Promise.resolve(plan.batches_cut);
  try {
    while (progress.published < plan.batches) {
      const batchesCut = await cutting;
      signal.throwIfAborted();
      if (batchesCut !== null) cutting = begin(cut);
      await publishUpTo(dependencies, plan, progress, batchesCut ?? plan.batches, signal);
    }
  } finally {
    await cutting.catch(() => undefined);
  }
}

/** A failure is met where the page is awaited; until then it is nobody's. */
function begin(cut: Cut): Promise<number | null> {
  const cutting = cut();
  cutting.catch(() => undefined);
  return cutting;
}

async function publishUpTo(
  dependencies: Dependencies,
  plan: UnresolvedPlan,
  progress: PublishProgress,
  end: number,
  signal: AbortSignal,
): Promise<void> {
  while (progress.published < end) {
    signal.throwIfAborted();
    const wanted = Math.min(end - progress.published, PAGE);
    const batches = await readBatches(dependencies.database, plan.mailing_id, progress.next, wanted);
    if (batches.length < wanted) {
      throw new Error(`the plan of ${plan.mailing_id} is not whole: the model is being rebuilt`);
    }
    const published = await Promise.allSettled(
      batches.map((batch) => publishBatch(dependencies, plan, batch)),
    );
    // Nothing of a page may be under way when the plan is looked at again.
    for (const result of published) if (result.status === 'rejected') throw result.reason;
    progress.published += batches.length;
    progress.next = (batches.at(-1)?.batch ?? progress.next) + 1;
  }
}

async function publishBatch(
  dependencies: Dependencies,
  plan: UnresolvedPlan,
  planned: PlannedBatch,
): Promise<void> {
  const { runtime, now } = dependencies;
  const mailingId = plan.mailing_id;
  const { batch } = planned;
  const event = makeEvent(
    {
      type: 'MessagesQueued',
      data: {
        mailingId,
        batch,
        timezone: planned.timezone,
        firstMessageId: planned.first_message_id,
        clientIds: planned.client_ids,
      },
    },
    { source: 'mailing', correlationId: plan.correlation_id },
    now(),
    deriveId('batch', mailingId, String(batch)),
  );
  const options = { expectedLastSequence: 0 };
  const subject = eventSubjects.queued(mailingId, batch);
  const result = await runtime.writer.publish(subject, JSON.stringify(event), options);
  // A conflict says that it is there already, published by another instance or before a crash.
  if (result.kind !== 'stored') await expectSame(dependencies, subject, planned);
}

/** What was published before is the same; else the plan must not go on beside it. */
async function expectSame(
  { runtime }: Dependencies,
  subject: string,
  { first_message_id, client_ids }: PlannedBatch,
): Promise<void> {
  const there = await loadLast(runtime.broker, subject);
  if (there?.event.type !== 'MessagesQueued') return;
  const { firstMessageId, clientIds } = there.event.data;
  if (firstMessageId === first_message_id && clientIds.join() === client_ids.join()) return;
  throw new OtherBatchError(`the log holds another batch on ${subject} than the plan: rebuild the directory`);
}

/** The next batches by their numbers, which may have gaps where the log held a part of the plan. */
async function readBatches(
  database: Kysely<Tables>,
  mailingId: string,
  from: number,
  most: number,
): Promise<readonly PlannedBatch[]> {
  const { rows } = await sql<PlannedBatch>`
    select batch, timezone, first_message_id, client_ids from plan_batch
    where mailing_id = ${mailingId} and batch >= ${from}
    order by batch limit ${most}`.execute(database);
  return rows;
}
