import { type beginRebuildQuery, type cancelRebuildQuery, newId } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { beginJob, cancelJob, lastJob } from './job.ts';

/** Begins a job on the generations, or joins the one that is under way, and has every instance look at it. */
export async function beginRebuild(
  { database, generations }: Dependencies,
  wish: z.infer<typeof beginRebuildQuery.request>,
): Promise<z.infer<typeof beginRebuildQuery.reply>> {
  const refusal = await beginJob(database, wish, newId());
  if (refusal !== null) return { job: null, refusal };
  generations.changed();
  return { job: await lastJob(database), refusal: null };
}

/** Gives the job up that is under way; the generation that is served stays. */
export async function cancelRebuild({
  database,
  generations,
}: Dependencies): Promise<z.infer<typeof cancelRebuildQuery.reply>> {
  const isCancelled = await cancelJob(database);
  if (isCancelled) generations.changed();
  return { isCancelled };
}
