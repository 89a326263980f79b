import { COMMANDS_STREAM } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import { z } from 'zod';
import { reachBroker } from '../../reading/reach-broker.ts';

/** A subject holds the commands of one client or mailing that were not cleared away yet; more are not gone through. */
const MOST_LOOKED_AT = 100;

const identified = z.object({ id: z.string() });

/**
 * Whether a command stands on its subject in the log.
 *
 * @throws BrokerUnavailableError
 */
export async function findCommand(broker: Broker, subject: string, commandId: string): Promise<boolean> {
  let sequence = 1;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += 1) {
    const query = { seq: sequence, next_by_subj: subject };
    const stored = await reachBroker(broker, () => broker.manager.streams.getMessage(COMMANDS_STREAM, query));
    if (stored === null) return false;
    if (identified.parse(stored.json()).id === commandId) return true;
    sequence = stored.seq + 1;
  }
  return false;
}
