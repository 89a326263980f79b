import { endingsOf, queuedAt } from './endings.ts';
import type { Finding, Observation } from './observation.ts';

export type Limits = {
  /** How many messages must wait when a fault strikes. */
  readonly queuedAtLeast: number;
  /** How long after the last fault (or after the mailing's end, where that comes later) all must have ended. */
  readonly drainedWithinMs: number;
  readonly megabytes: number;
};

export const LIMITS: Limits = { queuedAtLeast: 1_000, drainedWithinMs: 60_000, megabytes: 200 };

/** Each fault struck while enough messages were queued: what strikes when all is done proves nothing. */
export function checkStrikes({ strikes, mailings }: Observation, { queuedAtLeast }: Limits): Finding[] {
  return strikes.flatMap(({ what, from }) => {
    const queued = mailings.reduce((sum, mailing) => sum + queuedAt(mailing, from), 0);
    if (queued >= queuedAtLeast) return [];
    return [{ rule: 'faults strike under load', detail: `${what} struck while ${queued} were queued` }];
  });
}

/** From the end of the last fault until the last message of all mailings had ended. */
export function drainedAfterMs({ strikes, mailings }: Observation): number {
  const lastFault = Math.max(...strikes.map(({ until }) => until), 0);
  const endings = mailings.flatMap((mailing) => [...endingsOf(mailing).values()]);
  return Math.max(0, endings.reduce((last, { storedAt }) => Math.max(last, storedAt), 0) - lastFault);
}

/** All is drained soon after the last fault. */
export function checkDrained({ strikes, mailings }: Observation, { drainedWithinMs }: Limits): Finding[] {
  const lastFault = Math.max(...strikes.map(({ until }) => until), 0);
  return mailings.flatMap((mailing) => {
    const endings = endingsOf(mailing);
    const statuses = new Set([...endings.values()].map(({ status }) => status));
    const begin = statuses.has('expired') ? Math.max(lastFault, mailing.endAt) : lastFault;
    const last = Math.max(...[...endings.values()].map(({ storedAt }) => storedAt), 0);
    if (strikes.length === 0 || last <= begin + drainedWithinMs) return [];
    const seconds = Math.round((last - begin) / 1_000);
    return [{ rule: 'drained soon', detail: `mailing ${mailing.id} took ${seconds} s after the last fault` }];
  });
}

export function checkMemory({ memory }: Observation, { megabytes: most }: Limits): Finding[] {
  return memory
    .filter(({ megabytes }) => megabytes > most)
    .map(({ part, megabytes }) => ({ rule: 'memory', detail: `${part} had ${Math.round(megabytes)} MB` }));
}
