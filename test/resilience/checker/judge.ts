import { type Call, matchCalls } from './calls.ts';
import { checkDeadline } from './deadline.ts';
import { checkIdentity, checkStrangers } from './identity.ts';
import { checkDrained, checkMemory, checkStrikes, drainedAfterMs, LIMITS, type Limits } from './limits.ts';
import type { Finding, Observation } from './observation.ts';
import { checkRecorded, checkRepeats } from './repeats.ts';
import { checkEndings, checkProviderAgrees } from './sums.ts';

export type Verdict = {
  /** Empty when everything held. */
  readonly findings: readonly Finding[];
  readonly figures: Figures;
};

/** What is worth knowing of a run that held. */
export type Figures = {
  readonly planned: number;
  readonly requests: number;
  readonly accepted: number;
  /** Accepted requests for messages that had been accepted before. */
  readonly repeats: number;
  /** Calls whose answer was lost by the log. */
  readonly lost: number;
  /** Calls of which the log says nothing: cut off with their sender. */
  readonly unrecorded: number;
  /** From the end of the last fault until the last message had ended. */
  readonly drainedAfterMs: number;
};

/** Holds what happened against what was promised. */
export function judge(observation: Observation, limits: Limits = LIMITS): Verdict {
  const findings: Finding[] = [];
  const all: (readonly Call[])[] = [];
  for (const mailing of observation.mailings) {
    const calls = matchCalls(mailing, observation.requests, observation.heldUp);
    all.push(...calls.values());
    findings.push(
      ...checkEndings(mailing),
      ...checkProviderAgrees(mailing, calls, observation),
      ...checkIdentity(mailing, calls),
      ...checkDeadline(mailing, calls.values()),
    );
  }
  findings.push(
    ...checkRepeats(all, observation),
    ...checkRecorded(all, observation),
    ...checkStrangers(observation.mailings, observation.requests),
    ...checkStrikes(observation, limits),
    ...checkDrained(observation, limits),
    ...checkMemory(observation, limits),
  );
  return { findings, figures: figuresOf(observation, all) };
}

function figuresOf(observation: Observation, calls: readonly (readonly Call[])[]): Figures {
  const { mailings, requests } = observation;
  const accepted = calls.map((own) => own.filter(({ request }) => request.accepted).length);
  const flat = calls.flat();
  return {
    planned: mailings.reduce((sum, { planned }) => sum + planned.length, 0),
    requests: requests.length,
    accepted: accepted.reduce((sum, count) => sum + count, 0),
    repeats: accepted.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    lost: mailings.flatMap(({ outcomes }) => outcomes.filter(({ kind }) => kind === 'lost')).length,
    unrecorded: flat.filter(({ outcome }) => outcome === null).length,
    drainedAfterMs: Math.round(drainedAfterMs(observation)),
  };
}
