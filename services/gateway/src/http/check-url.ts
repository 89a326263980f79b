import type { MiddlewareHandler } from 'hono';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import type { GatewayEnv } from './context.ts';

/** No call of ours needs more; the server itself takes request lines and headers of 16 KiB together. */
const LONGEST_URL = 4_096;

/** Refuses URLs that are too long or not properly encoded, before anything guesses what they mean. */
export const checkUrl: MiddlewareHandler<GatewayEnv> = async (context, next) => {
  const { url } = context.req;
  if (url.length > LONGEST_URL) {
    throw new ProblemError(makeProblem('url-too-long', `A URL has at most ${LONGEST_URL} characters.`));
  }
  if (!isWellEncoded(url)) {
    throw new ProblemError(makeProblem('url-malformed', 'A percent sign is not followed by valid UTF-8.'));
  }
  await next();
};

function isWellEncoded(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}
