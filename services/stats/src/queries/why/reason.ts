import type { WhyCode, WhyReason } from '@herald/contracts';
import type { Source } from './facts.ts';

/** A reason with what in the log says so, and nothing else of that. */
export const reason = (code: WhyCode, text: string, { event, position, at }: Source): WhyReason => ({
  code,
  text,
  event,
  position,
  at,
});
