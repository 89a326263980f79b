import type { Answer, CallResult } from './answer.ts';
import { pauseMs, retryAfterMs } from './retry-after.ts';

/**
 * What a call means for its message (docs: delivery, the table of answers; docs/adr/0013 and 0020). `now` is for a
 * `Retry-After` that is a date, milliseconds since 1970.
 */
export function classify(result: CallResult, now: number): Answer {
  if (result.kind === 'answered') return classifyAnswered(result, now);
  const { statusCode, error, nothingSent, cutShort } = result;
  if (nothingSent) return { kind: 'refused', statusCode: null, error, pauseMs: null };
  return { kind: 'lost', statusCode, error, cutShort };
}

/**
 * The 4xx that do not speak of the message: the account is empty (402), a proxy on the way wants something (407), the
 * request came too slowly, to the wrong door, or too early (408, 421, 425), something is locked (423).
 */
const NOT_THE_MESSAGES_FAULT = new Set([402, 407, 408, 421, 423, 425]);

function classifyAnswered(result: Extract<CallResult, { kind: 'answered' }>, now: number): Answer {
  const { statusCode } = result;
  const error = `status ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) {
    if (isSuccess(result.body)) return { kind: 'sent', statusCode };
    return { kind: 'lost', statusCode, error: 'wrong body', cutShort: false };
  }
  if (statusCode === 401 || statusCode === 403) return { kind: 'token-rejected', statusCode };
  if (statusCode === 429) return { kind: 'throttled', statusCode, error, pauseMs: pauseMs(result, now) };
  // The design lists 400, 404, 409, 413 and 422. Most other 4xx (405, 410, 415, 451 …) say just as definitely that
  // this request is not taken.
  if (statusCode >= 400 && statusCode < 500 && !NOT_THE_MESSAGES_FAULT.has(statusCode)) {
    return { kind: 'failed', statusCode, error };
  }
  // 5xx by the design. 3xx (a door moved, a login page in front) and 1xx are not the protocol's: nothing was taken,
  // and an operator can mend it, so the message waits. What a redirection says of time is about its target.
  return { kind: 'refused', statusCode, error, pauseMs: statusCode < 400 ? null : retryAfterMs(result, now) };
}

/** `{"code": 0, …}` and nothing else means that the message was taken. */
function isSuccess(body: string): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'code' in parsed && parsed.code === 0;
  } catch {
    // No JSON is an expected answer of a broken provider; the classification is how it is reported.
    return false;
  }
}
