import type { dropGenerationQuery } from '@herald/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Dependencies } from '../dependencies.ts';
import { runningJob } from '../rebuild/job.ts';
import { generationNumbers, readPointer, schemaOf } from './pointer.ts';

/** Drops a generation that is neither served nor in work. What is read of it just now ends first. */
export function dropGeneration(
  { database }: Dependencies,
  { generation }: z.infer<typeof dropGenerationQuery.request>,
): Promise<z.infer<typeof dropGenerationQuery.reply>> {
  return database.transaction().execute(async (transaction) => {
    // Nobody begins a job or moves the pointer meanwhile, so it must not wait long for who still reads.
    await sql`set local lock_timeout = '2s'`.execute(transaction);
    await sql`lock table stats.rebuild, stats.pointer in share row exclusive mode`.execute(transaction);
    if ((await readPointer(transaction)) === generation) return { refusal: { code: 'generation-served' } };
    const job = await runningJob(transaction);
    if (job !== null && [job.generation, job.replaces].includes(generation))
      return { refusal: { code: 'generation-in-work' } };
    if (!(await generationNumbers(transaction)).includes(generation))
      return { refusal: { code: 'generation-not-found' } };
    await sql`drop schema ${sql.id(schemaOf(generation))} cascade`.execute(transaction);
    return { refusal: null };
  });
}
