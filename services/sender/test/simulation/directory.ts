import { QueryUnavailableError } from '@herald/service-kit';
import type { DirectoryOptions, Recipient } from '../../src/recipients/directory.ts';
import type { SenderLink } from './sender-link.ts';
import type { Surroundings } from './surroundings.ts';

const QUERY_MS = 5_000;
/** How often nobody answers. */
const AWAY_RATE = 0.03;

/** Asks the mailing service for clients as it knows them then, over a connection. */
export const simulatedDirectory =
  (world: Surroundings, link: SenderLink): DirectoryOptions['ask'] =>
  async (clientIds) => {
    try {
      if (world.random.chance(AWAY_RATE)) throw new Error('away');
      return await link.ask(QUERY_MS, () => recipientsOf(world, clientIds));
    } catch (error) {
      throw new QueryUnavailableError('recipients', error);
    }
  };

function recipientsOf({ schedule, recipientOf }: Surroundings, clientIds: readonly string[]) {
  const recipients = new Map<string, Recipient>();
  for (const id of clientIds) {
    const recipient = recipientOf(id, schedule.now);
    if (recipient !== null) recipients.set(id, recipient);
  }
  return recipients;
}
