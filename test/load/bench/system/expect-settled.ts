import type { Bench } from '../bench.ts';
import { untilEnded } from './mailing.ts';
import type { System } from './system.ts';

/**
 * Waits until every message of a mailing has ended, sent or not.
 * @throws when the provider has not accepted exactly those that count as sent, each once
 */
export async function expectSettled(bench: Bench, system: System, id: string): Promise<void> {
  const { counts } = await untilEnded(bench, await system.api(bench.signal), id);
  const { distinctAccepted, repeatedAccepted } = await system.provider();
  if (counts.failed + counts.unknown === 0 && distinctAccepted === counts.sent && repeatedAccepted === 0)
    return;
  throw new Error(
    `Messages ended as ${JSON.stringify(counts)}, but the provider accepted ${distinctAccepted} different ones ` +
      `and ${repeatedAccepted} again.`,
  );
}
