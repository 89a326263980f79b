import { setTimeout as sleep } from 'node:timers/promises';
import type { Parts } from '../parts.ts';
import { loadClient } from './load-client.ts';
import { claimPhones, type PhoneClaim, type PhoneOwners } from './phone-reservations.ts';

/** The directory follows the log by less than this most of the time, milliseconds. */
const LOOK_AGAIN_MS = 20;
/** A directory that is further behind is waited for by the next delivery of the command. */
const TRIES = 50;

/**
 * Whether a client has left a phone that is still reserved for it: gone, or with another one by the log. The reservation
 * ends when the directory has folded that.
 */
export async function isGivenUp({ runtime }: Parts, owner: string, phone: string): Promise<boolean> {
  const { state } = await loadClient(runtime.broker, owner);
  // Without an event its registration is under way.
  return state !== null && (state.removed || state.client.phone !== phone);
}

/** Waits for the directory to free phones that were given up. */
export const awaitRelease = (): Promise<void> => sleep(LOOK_AGAIN_MS);

/**
 * Claims phones as {@link claimPhones} does, those that were given up as soon as they are free.
 *
 * @returns an owner for each phone
 * @throws when the directory has not freed them within a second
 */
export async function claimFreedPhones(
  parts: Parts,
  claims: readonly PhoneClaim[],
  commandId: string,
): Promise<PhoneOwners> {
  const owners = new Map<string, string>();
  let open = claims;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await claimPhones(parts.database, open, commandId);
    const isOpen = await Promise.all(
      open.map(async ({ phone, clientId }) => {
        const owner = found.get(phone);
        if (owner === undefined) return true;
        owners.set(phone, owner);
        return owner !== clientId && (await isGivenUp(parts, owner, phone));
      }),
    );
    open = open.filter((_, index) => isOpen[index]);
    if (open.length === 0) return owners;
    await awaitRelease();
  }
  throw new Error(`${open.length} phones that were given up are not free yet`);
}
