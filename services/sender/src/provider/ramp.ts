/**
 * A slow start: how many calls may be in flight to a provider that has just come back. It goes up in steps: a step
 * admits so many calls at once, lasts for as many answers, and the next one admits twice as many.
 */
export interface Ramp {
  /** How many calls may be in flight. */
  readonly limit: number;
  /** Answers in this step, and those among them that count against the provider. */
  readonly answers: number;
  readonly unhealthy: number;
}

/** One call has proved that the provider is there: the first step is the smallest one that can be judged. */
const FIRST_LIMIT = 2;

export const firstStep: Ramp = { limit: FIRST_LIMIT, answers: 0, unhealthy: 0 };

/** `full`: no limit is needed any more. `relapsed`: the provider is not back after all. */
export type RampOutcome = Ramp | 'full' | 'relapsed';

/**
 * Counts one answer. A step is judged as the closed breaker judges, by more than a half: the first unhealthy answer
 * alone must not send it back. A provider that fails one call of ten would never come through all the steps that way
 * (docs/adr/0018).
 *
 * @param full how many calls are ever in flight
 */
export function climb(ramp: Ramp, healthy: boolean, full: number): RampOutcome {
  const answers = ramp.answers + 1;
  const unhealthy = ramp.unhealthy + (healthy ? 0 : 1);
  if (unhealthy * 2 > ramp.limit) return 'relapsed';
  if (answers < ramp.limit) return { limit: ramp.limit, answers, unhealthy };
  const limit = ramp.limit * 2;
  return limit >= full ? 'full' : { limit, answers: 0, unhealthy: 0 };
}
