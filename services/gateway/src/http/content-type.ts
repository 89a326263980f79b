import { makeProblem, ProblemError } from '../problems/problem.ts';

interface HeaderSource {
  header(name: string): string | undefined;
}

const UTF_8 = /^utf-?8$/;
/** For texts whose coding is told by their first bytes. */
export const UTF_8_OR_16 = /^utf-?(?:8|16(?:le|be)?)$/;

/**
 * The content type of a request's body, in lower case and without parameters.
 *
 * @throws ProblemError 415 when it is none of those taken, in another charset, or compressed; `undefined` when none is said
 */
export function contentTypeOf(
  request: HeaderSource,
  taken: readonly string[],
  charsets = UTF_8,
): string | undefined {
  const encoding = request.header('Content-Encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw unsupported('Compressed bodies are not taken.', taken);
  }
  const given = request.header('Content-Type');
  if (given === undefined || given.trim() === '') return undefined;
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim().toLowerCase());
  if (!taken.includes(type)) throw unsupported(`Send ${taken.join(' or ')}.`, taken);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const named = charset?.slice('charset='.length).replace(/^"(.*)"$/, '$1');
  if (named !== undefined && !charsets.test(named)) {
    throw unsupported(`Only UTF-8${charsets === UTF_8 ? '' : ' or UTF-16'} is taken.`, taken);
  }
  return type;
}

/** 415, with what would be taken. */
export const unsupported = (detail: string, taken: readonly string[]): ProblemError =>
  new ProblemError(makeProblem('content-type-unsupported', detail), { Accept: taken.join(', ') });
