import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryDefinition } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { z } from 'zod';
import type { GatewayDependencies } from '../http/context.ts';
import { askService, BrokerUnavailableError } from '../reading/reach-broker.ts';

const AGAIN_MS = 250;

/**
 * Asks a question of another service for the next piece of a file, again and again while nobody answers: a service that is
 * started anew, or is between two versions, must not break off a file of minutes.
 *
 * @param signal ends the asking
 * @throws what {@link askService} throws, after `limits.files.retryMs`; whatever the signal was aborted with
 */
export async function askPatiently<Request extends z.ZodType, Reply extends z.ZodType>(
  dependencies: GatewayDependencies,
  query: QueryDefinition<Request, Reply>,
  request: z.infer<Request>,
  signal: AbortSignal,
): Promise<z.infer<Reply>> {
  const begin = performance.now();
  for (;;) {
    try {
      return await askService(dependencies, query, request);
    } catch (error) {
      const isAway = error instanceof QueryUnavailableError || error instanceof BrokerUnavailableError;
      if (!isAway || performance.now() - begin >= dependencies.limits.files.retryMs) throw error;
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
}
