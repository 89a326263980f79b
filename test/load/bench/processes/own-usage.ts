import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** What a script of the benchmark tells of its own process. */
export const ownUsage = z.object({ cpuMs: z.number(), peakMiB: z.number() });

/** Processor time since `before` (`process.cpuUsage()`), and the most resident memory of this process. */
export function tellOwnUsage(before: NodeJS.CpuUsage): z.infer<typeof ownUsage> {
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000, peakMiB: process.resourceUsage().maxRSS / 1_024 };
}

/** What the script was given. @throws when it is something else */
export async function readInput<Schema extends z.ZodType>(schema: Schema): Promise<z.infer<Schema>> {
  return schema.parse(JSON.parse(await text(process.stdin)));
}
