import { cpus, loadavg, totalmem } from 'node:os';
import type { BenchReport } from './figure.ts';

/** Where it was measured: figures of two machines cannot be compared, their ratios can to some degree. */
export function describeMachine(): BenchReport['machine'] {
  const all = cpus();
  return {
    cpus: all.length,
    model: all[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 1_024 / 1_024),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadAverage: loadavg(),
  };
}
