import { makeProblem, ProblemError } from '../problems/problem.ts';

interface HeaderSource {
  header(name: string): string | undefined;
}

/**
 * The content type of a request's body, in lower case and without parameters.
 *
 * @throws ProblemError 415 when it is none of those taken, not UTF-8, or compressed; `undefined` when none is said
 */
export function contentTypeOf(request: HeaderSource, taken: readonly string[]): string | undefined {
  const encoding = request.header('Content-Encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw unsupported('Compressed bodies are not taken.', taken);
  }
  const given = request.header('Content-Type');
  if (given === undefined || given.trim() === '') return undefined;
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim().toLowerCase());
  if (!taken.includes(type)) throw unsupported(`Send ${taken.join(' or ')}.`, taken);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw unsupported('Only UTF-8 is taken.', taken);
  }
  return type;
}

/** 415, with what would be taken. */
export const unsupported = (detail: string, taken: readonly string[]): ProblemError =>
  new ProblemError(makeProblem('content-type-unsupported', detail), { Accept: taken.join(', ') });
