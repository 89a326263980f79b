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
  /** All batches before this one are in the log. */
  published: number;
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
  if (plan.batches_cut !== null) {
    const last = await loadLast(dependencies.runtime.broker, eventSubjects.mailing(plan.mailing_id));
    if (last !== null && mailingStateOf(last.event).mailing.audience !== null) return last.sequence;
  }
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
    const to = Math.min(end, progress.published + PAGE);
    const batches = await readBatches(dependencies.database, plan.mailing_id, progress.published, to);
    if (batches.length < to - progress.published) {
      throw new Error(`the plan of ${plan.mailing_id} is not whole: the model is being rebuilt`);
    }
    await Promise.all(batches.map((batch) => publishBatch(dependencies, plan, batch)));
    progress.published = to;
  }
}

async function publishBatch(
  { runtime, now }: Dependencies,
  plan: UnresolvedPlan,
  planned: PlannedBatch,
): Promise<void> {
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
  // A conflict says that it is there already, published by another instance or before a crash.
  await runtime.writer.publish(eventSubjects.queued(mailingId, batch), JSON.stringify(event), options);
}

async function readBatches(
  database: Kysely<Tables>,
  mailingId: string,
  from: number,
  to: number,
): Promise<readonly PlannedBatch[]> {
  const { rows } = await sql<PlannedBatch>`
    select batch, timezone, first_message_id, client_ids from plan_batch
    where mailing_id = ${mailingId} and batch >= ${from} and batch < ${to}
    order by batch`.execute(database);
  return rows;
}
