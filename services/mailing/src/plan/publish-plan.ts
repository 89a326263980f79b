import { deriveId, eventSubjects, makeEvent } from '@herald/contracts';
import { audienceResolved } from '@herald/domain';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { advanceMailing } from '../mailings/advance-mailing.ts';
import type { Parts } from '../parts.ts';

/** A plan whose batches are not all known to be in the log. */
export interface UnresolvedPlan {
  readonly mailing_id: string;
  readonly batches: number;
  readonly messages: number;
  readonly correlation_id: string;
}

interface PlannedBatch {
  readonly batch: number;
  readonly timezone: string;
  readonly first_message_id: number;
  readonly client_ids: string[];
}

/** How many batches are read from the database and published side by side. */
const PAGE = 64;

/**
 * Publishes a plan's batches and then says that the audience is resolved. Each batch stands once on its subject
 * (expected sequence 0), with an id that derives from its place: whoever publishes it again publishes the same and
 * finds it there.
 *
 * @returns the position in the log from which on the audience is resolved
 */
export async function publishPlan(parts: Parts, plan: UnresolvedPlan): Promise<number> {
  for (let from = 0; from < plan.batches; from += PAGE) {
    const batches = await readBatches(parts.database, plan.mailing_id, from);
    if (batches.length < Math.min(PAGE, plan.batches - from)) {
      throw new Error(`the plan of ${plan.mailing_id} is not whole: the model is being rebuilt`);
    }
    await Promise.all(batches.map((batch) => publishBatch(parts, plan, batch)));
  }
  const audience = { messages: plan.messages, batches: plan.batches };
  const done = await advanceMailing(parts, plan.mailing_id, (state) => audienceResolved(state, audience));
  if (done.appended)
    parts.runtime.log.info({ mailingId: plan.mailing_id, ...audience }, 'the audience is resolved');
  return done.sequence;
}

async function publishBatch(
  { runtime, now }: Parts,
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
): Promise<readonly PlannedBatch[]> {
  const { rows } = await sql<PlannedBatch>`
    select batch, timezone, first_message_id, client_ids from plan_batch
    where mailing_id = ${mailingId} and batch >= ${from} and batch < ${from + PAGE}
    order by batch`.execute(database);
  return rows;
}
