import { makeProblem, ProblemError } from '../../problems/problem.ts';

/** 422 for an import without a header row or a single value. */
export const emptyImport = (): ProblemError =>
  new ProblemError(makeProblem('import-empty', 'The body holds nothing to import.'));
