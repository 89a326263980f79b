import { type beginRebuildQuery, newId } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { beginJob, lastJob } from './job.ts';

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
