import {
  replacedParts,
  resetPeaks,
  takeSnapshot,
  type Usage,
  usageBetween,
} from '../measure/system-usage.ts';
import type { System } from './system.ts';

/**
 * What the processes of a system use while something is done.
 * @param replaced parts which this very work replaces by a new process
 * @throws when another part was replaced: it died
 */
export async function whileDoing<Result>(
  system: System,
  work: () => Promise<Result>,
  replaced: readonly string[] = [],
): Promise<{ readonly result: Result; readonly usage: Usage }> {
  const where = await system.describe();
  await resetPeaks(where);
  const before = await takeSnapshot(where);
  const result = await work();
  const after = await takeSnapshot(await system.describe());
  const died = replacedParts(before, after).filter((name) => !replaced.includes(name));
  if (died.length > 0) throw new Error(`${died.join(', ')} ended while it was measured.`);
  return { result, usage: usageBetween(before, after) };
}

/** What the processes that run now have used since each of them began. */
export async function usageSinceStart(system: System): Promise<Usage> {
  return usageBetween(new Map(), await takeSnapshot(await system.describe()));
}
