import { COMMANDS_STREAM } from '@herald/contracts';
import type { Broker } from '@herald/event-log';

/** The share of COMMANDS that imports may fill where nobody carries them out; the rest is for single writes. */
const SHARE_OF_IMPORTS = 0.5;

/**
 * Whether commands that wait take up what imports may have of their stream. `false` where that has no limit, and where
 * the broker does not say: then the publish itself is answered more precisely.
 */
export async function isRoomOfImportsTaken({ manager }: Broker): Promise<boolean> {
  try {
    const { config, state } = await manager.streams.info(COMMANDS_STREAM);
    return config.max_bytes > 0 && state.bytes >= config.max_bytes * SHARE_OF_IMPORTS;
  } catch {
    return false;
  }
}
