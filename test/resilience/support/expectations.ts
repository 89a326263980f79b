import { expect } from 'vitest';
import type { Verdict } from '../checker/judge.ts';

const SHOWN = 5;

/** Everything held. Of each rule that was broken a few cases are shown, and how many there are. */
export function expectAllHeld({ findings }: Verdict): void {
  expect(digest(findings)).toEqual({});
}

/** The rules that were broken, with how often and the first cases. */
export function digest(findings: Verdict['findings']): Record<string, readonly string[]> {
  const broken: Record<string, readonly string[]> = {};
  for (const [rule, cases] of Object.entries(Object.groupBy(findings, (finding) => finding.rule))) {
    const details = (cases ?? []).map(({ detail }) => detail);
    broken[`${rule} (${details.length})`] = details.slice(0, SHOWN);
  }
  return broken;
}

/** The names of the rules that were broken. */
export const rulesBroken = ({ findings }: Verdict): readonly string[] =>
  [...new Set(findings.map(({ rule }) => rule))].sort();
