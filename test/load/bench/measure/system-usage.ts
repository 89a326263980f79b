import type { SystemDescription } from '../../../e2e/support/launcher.ts';
import { childrenOf, type ProcessUsage, resetPeak, usageOf } from './process-usage.ts';

/** By the kind of process: all senders together are `sender`. */
export type Usage = Readonly<Record<string, ProcessUsage>>;

type Seen = ProcessUsage & { readonly pid: number };
export type Snapshot = ReadonlyMap<string, Seen>;

/** The provider stands for somebody else's machine. */
const NOT_COUNTED = ['provider-simulator'];

const kindOf = (part: string): string => part.replace(/-\d+$/, '');

/** What every part of a system has used so far. */
export async function takeSnapshot({ processes }: SystemDescription): Promise<Snapshot> {
  const counted = processes.filter(({ name }) => !NOT_COUNTED.includes(name));
  const seen = await Promise.all(
    counted.map(async ({ name, pid }): Promise<[string, Seen]> => {
      const children = name === 'postgres' ? await childrenOf(pid) : [];
      return [name, { pid, ...(await usageOf(pid, children)) }];
    }),
  );
  return new Map(seen);
}

/** Peaks begin at what is resident now. */
export async function resetPeaks({ processes }: SystemDescription): Promise<void> {
  const pids = await Promise.all(
    processes.map(async ({ name, pid }) => [pid, ...(name === 'postgres' ? await childrenOf(pid) : [])]),
  );
  await Promise.all(pids.flat().map(resetPeak));
}

/** What was used between two snapshots. A process that is there only in the second one began between them. */
export function usageBetween(before: Snapshot, after: Snapshot): Usage {
  const usage: Record<string, ProcessUsage> = {};
  for (const [name, { pid, cpuMs, peakMiB }] of after) {
    const earlier = before.get(name);
    const since = earlier?.pid === pid ? earlier.cpuMs : 0;
    const sum = usage[kindOf(name)] ?? { cpuMs: 0, peakMiB: 0 };
    usage[kindOf(name)] = {
      cpuMs: sum.cpuMs + cpuMs - since,
      peakMiB: Math.max(sum.peakMiB, peakMiB),
    };
  }
  return usage;
}

/** The parts that another process does the work of now, or nobody. */
export function replacedParts(before: Snapshot, after: Snapshot): readonly string[] {
  return [...before].filter(([name, { pid }]) => after.get(name)?.pid !== pid).map(([name]) => name);
}
