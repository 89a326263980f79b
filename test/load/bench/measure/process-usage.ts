import { readdir, readFile, writeFile } from 'node:fs/promises';

/** What a process has used so far. */
export type ProcessUsage = {
  /** User and system time, with that of the children that have ended and been waited for, milliseconds. */
  readonly cpuMs: number;
  /** The most resident memory since the peak was last reset, MiB. */
  readonly peakMiB: number;
};

/** Of every Linux that Node runs on; `getconf CLK_TCK` tells it. */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/PID/stat` behind the name of the command, which may itself hold blanks and brackets. */
const PARENT = 1;
const TIMES = [11, 12, 13, 14] as const;

const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** Milliseconds of processor time that `/proc/PID/stat` tells: utime, stime, cutime and cstime. */
export function cpuMsOf(stat: string): number {
  const fields = fieldsOf(stat);
  const ticks = TIMES.reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

export const parentOf = (stat: string): number => Number(fieldsOf(stat)[PARENT]);

/** MiB that `/proc/PID/status` tells as VmHWM; 0 where it does not. */
export const peakMiBOf = (status: string): number =>
  Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;

const read = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

/**
 * What a process and its living children have used; of the memory the largest of them, since theirs is mostly shared.
 * Linux only: elsewhere nothing is known, and all is 0.
 */
export async function usageOf(pid: number, children: readonly number[] = []): Promise<ProcessUsage> {
  const each = await Promise.all(
    [pid, ...children].map(async (id) => {
      const [stat, status] = await Promise.all([read(id, 'stat'), read(id, 'status')]);
      return { cpuMs: stat === '' ? 0 : cpuMsOf(stat), peakMiB: peakMiBOf(status) };
    }),
  );
  return {
    cpuMs: each.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakMiB: Math.max(...each.map(({ peakMiB }) => peakMiB)),
  };
}

/** The processes that this one has started and that are still there. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.map(Number).filter(Number.isInteger);
  const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await read(pid, 'stat') })));
  return stats.filter(({ stat }) => stat !== '' && parentOf(stat) === parent).map(({ pid }) => pid);
}

/** Lets the peak begin at what is resident now. Where that is not allowed the peak is that of the whole life. */
export const resetPeak = (pid: number): Promise<void> =>
  writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
