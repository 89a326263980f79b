import { readFile } from 'node:fs/promises';

const EVERY_MS = 100;

export interface Memory {
  readonly beforeMiB: number;
  readonly medianMiB: number;
  readonly mostMiB: number;
}

/** Watches the resident memory of processes while some work is done. */
export async function watchMemory<Result>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly memory: Readonly<Record<string, Memory>> }> {
  const seen = Object.fromEntries(Object.keys(pids).map((name) => [name, [] as number[]]));
  const look = async (): Promise<void> => {
    for (const [name, pid] of Object.entries(pids)) seen[name]?.push(await residentMiB(pid));
  };
  await look();
  const timer = setInterval(() => void look(), EVERY_MS);
  try {
    const result = await work();
    await look();
    const memory = Object.entries(seen).map(([name, values]) => [name, summaryOf(values)]);
    return { result, memory: Object.fromEntries(memory) };
  } finally {
    clearInterval(timer);
  }
}

export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024);
}

function summaryOf(values: readonly number[]): Memory {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    beforeMiB: values[0] ?? 0,
    medianMiB: sorted[Math.floor(sorted.length / 2)] ?? 0,
    mostMiB: sorted.at(-1) ?? 0,
  };
}
