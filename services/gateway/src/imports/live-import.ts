import { type LiveImport, liveImportQuery } from '@herald/contracts';
import { ask, QueryUnavailableError, serveQuery } from '@herald/service-kit';
import type { GatewayDependencies } from '../http/context.ts';
import { BrokerUnavailableError } from '../reading/reach-broker.ts';

/** Who works on an import answers at once, or does not work on it, milliseconds. */
const ANSWER_MS = 1_000;

/**
 * Answers other gateways how far an import is that this one works on. That nobody answers is how they learn that it was
 * interrupted, also where this process dies: so it is told as long as it is true, and nothing has to be stored.
 *
 * @returns ends the answering
 */
export function serveLiveImport(
  { broker, log }: GatewayDependencies,
  importId: string,
  progress: () => LiveImport,
): () => Promise<void> {
  return serveQuery(broker, log, liveImportQuery(importId), async () => progress());
}

/**
 * How far an import is, from the gateway that works on it; `null` where none does.
 *
 * @throws BrokerUnavailableError
 */
export async function askLiveImport(
  { broker }: GatewayDependencies,
  importId: string,
): Promise<LiveImport | null> {
  if (!broker.isConnected()) throw new BrokerUnavailableError('not connected to the broker');
  try {
    return await ask(broker, liveImportQuery(importId), {}, ANSWER_MS);
  } catch (error) {
    if (error instanceof QueryUnavailableError) return null;
    throw error;
  }
}
