import type { QueryDefinition } from '@herald/contracts';
import { type Runtime, serveQuery } from '@herald/service-kit';
import type { z } from 'zod';

/** Answers a question in place of a service; a question asked now finds its answerer, though the two have connections of their own. */
export async function playQuery<Request extends z.ZodType, Reply extends z.ZodType>(
  { broker, log }: Runtime,
  query: QueryDefinition<Request, Reply>,
  handle: (request: z.infer<Request>) => Promise<z.input<Reply>>,
): Promise<() => Promise<void>> {
  const stop = serveQuery(broker, log, query, handle);
  await broker.connection.flush();
  return async () => {
    await stop();
    await broker.connection.flush();
  };
}
