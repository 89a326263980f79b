import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { NotReachableError, RefusedError } from '../failures.ts';
import { readProblem } from './problem.ts';

/** Refusals although their status says "unavailable": waiting alone does not mend them. */
const REFUSALS = new Set(['log-full']);
const MOST_WAIT_SECONDS = 60;

/** What an answer that is none of the 2xx means. */
export function failureOf(where: string, response: IncomingMessage, text: string): Error {
  const status = response.statusCode ?? 0;
  const problem = readProblem(text);
  if (problem?.code !== undefined && REFUSALS.has(problem.code)) return new RefusedError(problem);
  if (status === 502 || status === 503 || status === 504) {
    const reason = problem?.detail ?? problem?.title ?? `it answers ${status}`;
    const retryAfterMs = readRetryAfter(response.headers['retry-after']);
    const sentence = `Herald at ${where} cannot do it at the moment: ${reason.replace(/\.$/, '')}.`;
    return new NotReachableError('unavailable', sentence, { problem, retryAfterMs });
  }
  // All of Herald's problems have a code.
  return problem?.code === undefined ? foreign(where, `it answers ${status}`) : new RefusedError(problem);
}

/**
 * An answer's body as what it should be.
 * @throws {NotReachableError} when it is something else: it was not Herald who answered
 */
export function readAnswer<Schema extends z.ZodType>(
  where: string,
  schema: Schema,
  text: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw foreign(where, `its answer does not fit${place === '' ? '' : `, ${place}: ${issue?.message}`}`);
}

const foreign = (where: string, reason: string): NotReachableError =>
  new NotReachableError('foreign', `What answers at ${where} is not this release of Herald: ${reason}.`);

function parseJson(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Milliseconds; dates, which Herald never sends, are left out. */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header), MOST_WAIT_SECONDS) * 1_000;
}
