import { expect } from 'vitest';
import type { Verdict } from '../checker/judge.ts';
import { digest } from './digest.ts';

/** Everything held. Of each rule that was broken a few cases are shown, and how many there are. */
export function expectAllHeld({ findings }: Verdict): void {
  expect(digest(findings)).toEqual({});
}

/** The names of the rules that were broken. */
export const rulesBroken = ({ findings }: Verdict): readonly string[] =>
  [...new Set(findings.map(({ rule }) => rule))].sort();
