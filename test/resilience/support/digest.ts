import type { Verdict } from '../checker/judge.ts';

const SHOWN = 5;

/** The rules that were broken, with how often and the first cases. */
export function digest(findings: Verdict['findings']): Record<string, readonly string[]> {
  const broken: Record<string, readonly string[]> = {};
  for (const [rule, cases] of Object.entries(Object.groupBy(findings, (finding) => finding.rule))) {
    const details = (cases ?? []).map(({ detail }) => detail);
    broken[`${rule} (${details.length})`] = details.slice(0, SHOWN);
  }
  return broken;
}
