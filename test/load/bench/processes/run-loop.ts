import { join } from 'node:path';
import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { type Measured, perSecond } from '../measure/measured.ts';
import type { System } from '../system/system.ts';
import { ownUsage } from './own-usage.ts';
import { runScript } from './run-script.ts';

const SCRIPT = join(import.meta.dirname, 'reference-loop.ts');
const result = z.object({ tookMs: z.number(), usage: ownUsage });

/** Measures the bare loop against the provider of a system. @throws when the provider has not got every message once */
export async function runLoop(
  bench: Bench,
  system: System,
  requests: number,
  concurrency: number,
): Promise<Measured> {
  await system.forgetJournal();
  const { provider, providerToken } = await system.describe();
  const input = { provider: { url: provider, token: providerToken }, requests, concurrency };
  const { tookMs, usage } = await runScript(SCRIPT, input, result, bench.signal);
  await expectJournal(system, requests);
  return {
    value: perSecond(requests, tookMs),
    unit: 'requests/s',
    per: { thing: 'request', count: requests },
    usage: { loop: usage },
  };
}

/** @throws unless the provider has accepted so many messages, each once */
export async function expectJournal(system: System, messages: number): Promise<void> {
  const { distinctAccepted, repeatedAccepted } = await system.provider();
  if (distinctAccepted === messages && repeatedAccepted === 0) return;
  throw new Error(
    `Of ${messages} messages the provider accepted ${distinctAccepted}, and ${repeatedAccepted} again.`,
  );
}
