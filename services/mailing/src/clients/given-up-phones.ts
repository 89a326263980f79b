import { setTimeout as sleep } from 'node:timers/promises';
import type { Dependencies } from '../dependencies.ts';
import { loadClient } from './load-client.ts';

/** The directory follows the log by less than this most of the time, milliseconds. */
const LOOK_AGAIN_MS = 20;

/**
 * Whether a client has left a phone that is still reserved for it: gone, or with another one by the log. The reservation
 * ends when the directory has folded that.
 */
export async function isGivenUp({ runtime }: Dependencies, owner: string, phone: string): Promise<boolean> {
  const { state } = await loadClient(runtime.broker, owner);
  // Without an event its registration is under way.
  return state !== null && (state.removed || state.client.phone !== phone);
}

/** Waits for the directory to free phones that were given up. */
export const awaitRelease = (): Promise<void> => sleep(LOOK_AGAIN_MS);
