import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Herald } from '../../e2e/support/herald.ts';
import { percentile } from '../bench/measure/statistics.ts';

export interface Watch {
  /** @returns what was seen, in words */
  stop(): Promise<string>;
}

const LOOK_MS = 50;

function watch(look: () => Promise<void>, everyMs: number, tell: () => string): Watch {
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(everyMs);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await done;
      return tell();
    },
  };
}

/** How far the statistics of a mailing that is sent all the while are behind: the age of their newest event. */
export function watchLag(herald: Herald, mailingId: string): Watch {
  const ages: number[] = [];
  let failures = 0;
  let dips = 0;
  let ended = 0;
  const stats = z.object({ asOf: z.string(), planned: z.int(), counts: z.record(z.string(), z.int()) });
  return watch(
    async () => {
      const { status, body } = await herald.api.call('GET', `/mailings/${mailingId}/stats`);
      if (status !== 200) {
        failures += 1;
        return;
      }
      const { asOf, planned, counts } = stats.parse(body);
      ages.push(Date.now() - Date.parse(asOf));
      const sum = Object.values(counts).reduce((total, one) => total + one, 0);
      const now = sum - (counts.queued ?? 0);
      if (sum !== planned || now < ended) dips += 1;
      ended = now;
    },
    LOOK_MS,
    () =>
      `p50 ${percentile(ages, 50)}, p99 ${percentile(ages, 99)}, most ${Math.max(...ages)} ms in ${ages.length} reads, ` +
      `${failures} failed, ${dips} torn`,
  );
}

/** The most resident memory of each process, MiB. */
export function watchMemory(herald: Herald): Watch {
  const most = new Map<string, number>();
  return watch(
    async () => {
      const { processes } = await herald.describe();
      for (const { name, pid } of processes) {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
        most.set(name, Math.max(most.get(name) ?? 0, Math.round(kib / 1_024)));
      }
    },
    200,
    () => [...most].map(([name, mib]) => `${name} ${mib}`).join(', '),
  );
}
