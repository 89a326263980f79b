import type { Runtime } from '@herald/service-kit';

/** What a metric of a sender shows; `herald_sender_` is left off its name. */
export async function figureOf(sender: Runtime, name: string): Promise<number> {
  const metric = await sender.metrics.getSingleMetric(`herald_sender_${name}`)?.get();
  const value = metric?.values[0]?.value;
  if (value === undefined) throw new Error(`a sender has no figure ${name}`);
  return value;
}

const OPEN = 2;

/**
 * The breaker is open and no call is in flight. Only then can a test change how the provider behaves: before that, calls
 * of the first burst can still be on their way and meet the new behaviour.
 */
export async function hasBrokenOff(sender: Runtime): Promise<boolean> {
  return (await figureOf(sender, 'breaker_state')) === OPEN && (await isIdle(sender));
}

/** The provider has asked this sender for a pause, and no call is in flight. */
export async function isPausing(sender: Runtime): Promise<boolean> {
  return (await figureOf(sender, 'pause_seconds')) > 0 && (await isIdle(sender));
}

const isIdle = async (sender: Runtime): Promise<boolean> => (await figureOf(sender, 'calls_in_flight')) === 0;
