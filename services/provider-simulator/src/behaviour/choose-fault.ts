import type { Latency, Rule } from './behaviour-schema.ts';
import type { Fault } from './fault-schema.ts';
import type { RandomSource } from './random.ts';

export interface AttemptedMessage {
  readonly messageId: number;
  readonly phone: number;
  /** 1 for the first request of this message id. */
  readonly attempt: number;
}

type FaultChooser = (message: AttemptedMessage, random: RandomSource) => Fault | null;

/**
 * Prepares a list of rules for many requests. The chooser it returns answers the fault of the first rule that
 * matches and is drawn, or null where the request is to succeed.
 *
 * A number is drawn for every rule, also for those that do not match, so that narrowing one rule's match does
 * not change what the rules after it do.
 */
export function compileRules(rules: readonly Rule[]): FaultChooser {
  const compiled = rules.map(({ probability, fault, match }) => ({
    probability,
    fault,
    matches: compileMatch(match),
  }));
  return (message, random) => {
    for (const rule of compiled) {
      const drawn = random();
      if (drawn < rule.probability && rule.matches(message)) return rule.fault;
    }
    return null;
  };
}

function compileMatch(match: Rule['match']): (message: AttemptedMessage) => boolean {
  const messageIds = match?.messageIds === undefined ? null : new Set(match.messageIds);
  const phonePrefix = match?.phonePrefix ?? '';
  const firstAttempts = match?.firstAttempts ?? Number.POSITIVE_INFINITY;
  return ({ messageId, phone, attempt }) =>
    attempt <= firstAttempts &&
    (messageIds === null || messageIds.has(messageId)) &&
    (phonePrefix === '' || String(phone).startsWith(phonePrefix));
}

/** Draws how many milliseconds to wait before the answer, uniformly between the bounds. */
export function drawLatency(latency: Latency, random: RandomSource): number {
  if (typeof latency === 'number') return latency;
  return latency.min + random() * (latency.max - latency.min);
}
