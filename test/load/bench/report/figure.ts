import { z } from 'zod';

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
const byProcess = z.record(z.string(), z.number());

/** What several rounds came to. */
export const figure = spread.extend({
  scenario: z.string(),
  name: z.string(),
  /** As in `messages/s` (more is better) or `ms` (less is better). */
  unit: z.string(),
  /** The value of each round, in order. */
  rounds: z.array(z.number()),
  /** The figure that it is compared with, and how many times that it is, round by round. */
  ratio: spread.extend({ reference: z.string(), rounds: z.array(z.number()) }).nullable(),
  /** Microseconds of processor time for one thing, the median of the rounds; `total` leaves the references' own out. */
  cpu: z.object({ thing: z.string(), total: z.number(), byProcess }).nullable(),
  /** The most resident memory in any round, MiB. */
  peakMiB: byProcess,
  /** Further values, each the median of the rounds. */
  details: byProcess,
});
export type Figure = z.infer<typeof figure>;

const problem = z.object({ scenario: z.string(), message: z.string() });
export type Problem = z.infer<typeof problem>;

/** What `--json` writes. */
export const benchReport = z.object({
  startedAt: z.string(),
  tookSeconds: z.number(),
  options: z.record(z.string(), z.union([z.number(), z.boolean(), z.array(z.string())])),
  machine: z.object({
    cpus: z.int(),
    model: z.string(),
    memoryMiB: z.number(),
    platform: z.string(),
    node: z.string(),
    loadAverage: z.array(z.number()),
  }),
  figures: z.array(figure),
  /** What was wrong: errors, lost or repeated messages. Slowness is none. */
  problems: z.array(problem),
});
export type BenchReport = z.infer<typeof benchReport>;
