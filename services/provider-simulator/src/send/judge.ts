import type { ActiveBehaviour } from '../behaviour/active-behaviour.ts';
import type { Journal } from '../journal/journal.ts';
import type { Answer } from './answer.ts';
import type { ParsedSendBody } from './send-body.ts';

export interface SendRequest {
  /** Milliseconds of the clock that the rate limit goes by. */
  readonly at: number;
  readonly messageId: number | null;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | null;
  readonly body: ParsedSendBody | { readonly kind: 'too-large' };
}

export interface Judge {
  readonly behaviour: ActiveBehaviour;
  readonly journal: Pick<Journal, 'requestsOf' | 'keyBelongsToAnother'>;
  /** The value that the Authorization header must have. */
  readonly authorization: string;
}

/**
 * Decides what becomes of a request. The order is a real provider's: what its front door refuses (an outage,
 * the token, the rate) comes before what its application looks at (the body), and the faults that rules strike
 * come last, so they are found only on requests that would have succeeded.
 */
export function judge({ behaviour, journal, authorization }: Judge, request: SendRequest): Answer {
  const { outage, rejectToken, retryAfterSeconds } = behaviour.current;
  if (outage !== 'none') return refuse(503, 'unavailable', retryAfterSeconds);
  if (rejectToken || request.authorization !== authorization) return refuse(401, 'the token is not valid');
  if (!behaviour.admits(request.at)) return refuse(429, 'too many requests', retryAfterSeconds ?? 1);

  const { messageId, body, idempotencyKey } = request;
  if (body.kind === 'too-large') return refuse(413, 'the body is above 64 KiB');
  if (messageId === null) return refuse(400, 'the message id in the path must be an integer');
  if (body.kind === 'invalid') return refuse(400, body.reason);
  if (body.body.id !== messageId) return refuse(400, 'id is not the one in the path');
  if (idempotencyKey !== null && journal.keyBelongsToAnother(idempotencyKey, messageId)) {
    return refuse(422, 'the idempotency key was used for another message');
  }

  const attempt = journal.requestsOf(messageId) + 1;
  return behaviour.faultFor({ messageId, phone: body.body.phone, attempt }) ?? { kind: 'ok' };
}

function refuse(status: number, message: string, retryAfterSeconds?: number): Answer {
  return {
    kind: 'status',
    status,
    body: { code: status, message },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}
