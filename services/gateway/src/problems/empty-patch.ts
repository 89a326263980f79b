import { makeProblem, ProblemError } from './problem.ts';

/** @throws ProblemError 422 for a patch without a field: it would make a version in which nothing changed */
export function refuseEmptyPatch(changes: object): void {
  if (Object.keys(changes).length > 0) return;
  throw new ProblemError(makeProblem('nothing-to-change', 'Name at least one attribute.'));
}
