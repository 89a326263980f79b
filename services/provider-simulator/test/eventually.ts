import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
const GIVE_UP_AFTER_MS = 4_000;

/** Looks again until the value is as wanted. @throws with the last value, after 4 seconds */
export async function eventually<T>(look: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  for (const giveUpAt = Date.now() + GIVE_UP_AFTER_MS; ; await sleep(LOOK_EVERY_MS)) {
    const value = await look();
    if (isWanted(value)) return value;
    if (Date.now() > giveUpAt) throw new Error(`still not as wanted: ${JSON.stringify(value)}`);
  }
}
