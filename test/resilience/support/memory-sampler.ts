import { readFile } from 'node:fs/promises';
import type { Herald } from '../../e2e/support/herald.ts';
import type { MemoryPeak } from '../checker/observation.ts';

const EVERY_MS = 500;
/** Servers that are not ours, and the simulator, which holds everybody else's calls in memory. */
const NOT_OURS = new Set(['nats-server', 'postgres', 'provider-simulator']);

/** Looks at the memory of every process of Herald. The kernel keeps each one's highest mark, so looking seldom will do. */
export class MemorySampler {
  readonly #herald: Herald;
  readonly #peaks = new Map<string, number>();
  readonly #others = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(herald: Herald) {
    this.#herald = herald;
    this.#timer = setInterval(() => void this.look(), EVERY_MS);
  }

  /** Watches a process that the launcher did not start. */
  watch(part: string, pid: number): void {
    this.#others.set(part, pid);
  }

  async look(): Promise<void> {
    const described = await this.#herald.describe().catch(() => null);
    const parts: [string, number][] = [...this.#others, ['launcher', this.#herald.launcherPid]];
    for (const { name, pid } of described?.processes ?? []) if (!NOT_OURS.has(name)) parts.push([name, pid]);
    for (const [part, pid] of parts) {
      const megabytes = await readPeak(pid);
      if (megabytes > (this.#peaks.get(part) ?? 0)) this.#peaks.set(part, megabytes);
    }
  }

  peaks(): readonly MemoryPeak[] {
    return [...this.#peaks].map(([part, megabytes]) => ({ part, megabytes }));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** 0 where the process is gone, or there is no /proc. */
async function readPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
}
