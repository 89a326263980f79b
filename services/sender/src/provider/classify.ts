import type { Answer, CallResult } from './answer.ts';
import { type ProtocolBody, readProtocolBody, sayWords } from './provider-words.ts';
import { pauseMs, retryAfterMs } from './retry-after.ts';

/**
 * What a call means for its message (docs: delivery, the table of answers; docs/adr/0013, 0020 and 0028). `now` is for a
 * `Retry-After` that is a date, milliseconds since 1970; `longestPauseMs` bounds what it may ask for.
 */
export function classify(result: CallResult, now: number, longestPauseMs: number): Answer {
  if (result.kind === 'answered') return classifyAnswered(result, now, longestPauseMs);
  const { statusCode, error, nothingSent, cutShort } = result;
  if (nothingSent && cutShort) return { kind: 'unsent' };
  if (nothingSent) return { kind: 'refused', statusCode: null, error, pauseMs: null };
  return { kind: 'lost', statusCode, error, cutShort };
}

/**
 * The 4xx that do not speak of the message: the account is empty (402), a proxy on the way wants something (407), the
 * request came too slowly, to the wrong door, or too early (408, 421, 425), something is locked (423).
 */
const NOT_THE_MESSAGES_FAULT = new Set([402, 407, 408, 421, 423, 425]);

function classifyAnswered(
  result: Extract<CallResult, { kind: 'answered' }>,
  now: number,
  longestPauseMs: number,
): Answer {
  const { statusCode } = result;
  const error = `status ${statusCode}`;
  const body = readProtocolBody(result.body);
  if (statusCode >= 200 && statusCode < 300) return classifyAccepted(statusCode, body);
  const words = body === null ? error : `${error}, ${sayWords(body)}`;
  if (statusCode === 401 || statusCode === 403) {
    return { kind: 'rejected', statusCode, error: words, counts: false };
  }
  if (statusCode === 429)
    return { kind: 'throttled', statusCode, error, pauseMs: pauseMs(result, now, longestPauseMs) };
  // The design lists 400, 404, 409, 413 and 422. Most other 4xx (405, 410, 415, 451 …) say just as definitely that
  // this request is not taken.
  if (statusCode >= 400 && statusCode < 500 && !NOT_THE_MESSAGES_FAULT.has(statusCode)) {
    return { kind: 'failed', statusCode, error: words };
  }
  // 5xx by the design. 3xx (a door moved, a login page in front) and 1xx are not the protocol's: nothing was taken,
  // and an operator can mend it, so the message waits. What a redirection says of time is about its target.
  return {
    kind: 'refused',
    statusCode,
    error,
    pauseMs: statusCode < 400 ? null : retryAfterMs(result, now, longestPauseMs),
  };
}

/**
 * Of a 2xx the body decides. A `code` of 0 means taken, also without a message: nobody says it of what was not taken.
 * A refusal must have the protocol's whole form, an integer and a string: it lets a message fail, and repeats a call
 * also where the provider does not honour the message id. Anything else tells nothing.
 */
function classifyAccepted(statusCode: number, body: ProtocolBody | null): Answer {
  if (body?.code === 0) return { kind: 'sent', statusCode };
  if (body !== null && typeof body.message === 'string') {
    return { kind: 'declined', statusCode, error: sayWords(body) };
  }
  return { kind: 'lost', statusCode, error: 'wrong body', cutShort: false };
}
