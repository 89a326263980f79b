import type { z } from '@hono/zod-openapi';
import { makeProblem, type Problem, type ValidationError } from './problem.ts';

/** A body may hold thousands of faults; whoever reads the answer needs the first ones. */
const MOST_ERRORS = 50;
const LONGEST_KEY = 100;

/** What does not fit, as 422. `headers` names its errors by the header instead of a pointer. */
export function validationProblem(issues: readonly z.core.$ZodIssue[], headers = false): Problem {
  const errors = readIssues(issues, headers ? nameOf : pointerTo);
  const first = errors[0];
  const detail = first === undefined ? 'The request does not fit.' : `${first.path} ${first.message}`.trim();
  return makeProblem('validation-failed', detail, { errors });
}

/** The errors of a failed check; unknown keys are told one by one, each at its own place. */
function readIssues(
  issues: readonly z.core.$ZodIssue[],
  locate: (path: readonly PropertyKey[]) => string,
): ValidationError[] {
  const errors: ValidationError[] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        errors.push({ path: locate([...issue.path, key]), message: 'is not known here' });
      }
    } else {
      errors.push({ path: locate(issue.path), message: describe(issue) });
    }
  }
  return errors.slice(0, MOST_ERRORS);
}

/** The errors of a failed check in one line, for the lines of an import. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return readIssues(issues, nameOf)
    .slice(0, 3)
    .map(({ path, message }) => `${path}${path === '' ? '' : ': '}${message}`)
    .join('; ');
}

function describe(issue: z.core.$ZodIssue): string {
  // The library says what was received only in words.
  return issue.message.endsWith('received undefined') ? 'is missing' : issue.message;
}

/** RFC 6901. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${shorten(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const nameOf = (path: readonly PropertyKey[]): string => path.map(shorten).join('.');

const shorten = (key: PropertyKey): string => String(key).slice(0, LONGEST_KEY).toWellFormed();
