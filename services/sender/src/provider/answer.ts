/** What came back from one call, or what broke: the raw material of the classification. */
export type CallResult =
  | {
      readonly kind: 'answered';
      readonly statusCode: number;
      /** Decoded; empty where it cannot be read and the status line alone tells what it means. */
      readonly body: string;
      /** The headers as they came. */
      readonly retryAfter: string | null;
      readonly date: string | null;
    }
  | {
      readonly kind: 'broken';
      /** Known where the head of an answer had come and its body broke off. */
      readonly statusCode: number | null;
      readonly error: string;
      /** True where the request cannot have reached the provider. */
      readonly nothingSent: boolean;
      /** True where it ended for a reason of ours (a stop, an end, a process that stood still), not of the provider. */
      readonly cutShort: boolean;
    };

/** What a call means for its message. */
export type Answer =
  /** The provider took the message. */
  | { readonly kind: 'sent'; readonly statusCode: number }
  /** The provider will never take this message. */
  | { readonly kind: 'failed'; readonly statusCode: number; readonly error: string }
  /** The provider refuses this message in its own words. It is asked a few times more. */
  | { readonly kind: 'declined'; readonly statusCode: number; readonly error: string }
  /**
   * 401 or 403: our token is wrong, or the provider does not want this message. `counts`: the token is known to be
   * right, so it is about the message.
   */
  | {
      readonly kind: 'rejected';
      readonly statusCode: number;
      readonly error: string;
      readonly counts: boolean;
    }
  /** Not delivered, may be repeated. `pauseMs`: the provider wants to be left alone for so long (milliseconds). */
  | {
      readonly kind: 'refused';
      readonly statusCode: number | null;
      readonly error: string;
      readonly pauseMs: number | null;
    }
  /** Not delivered, because we call too often: the provider wants to be left alone for so long (milliseconds). */
  | { readonly kind: 'throttled'; readonly statusCode: 429; readonly error: string; readonly pauseMs: number }
  /** Nobody knows whether it was delivered. */
  | {
      readonly kind: 'lost';
      readonly statusCode: number | null;
      readonly error: string;
      readonly cutShort: boolean;
    }
  /** No call was made after all, for a reason of our own: says nothing of the message, nor of the provider. */
  | { readonly kind: 'unsent' }
  /** Our token is known to be wrong: says nothing about the message. */
  | { readonly kind: 'token-rejected'; readonly statusCode: number };

/** An answer that tells something of its message. */
export type MessageAnswer = Exclude<Answer, { kind: 'token-rejected' | 'unsent' }>;

export const tellsOfMessage = (answer: Answer | null): answer is MessageAnswer =>
  answer !== null && answer.kind !== 'token-rejected' && answer.kind !== 'unsent';

/**
 * False for what counts against the provider in the breaker: it was not there, or its answer was none. A call that we
 * cut short (64 at once at the end of a mailing) says nothing of it.
 */
export function isHealthy(answer: Answer): boolean {
  switch (answer.kind) {
    case 'sent':
    case 'failed':
    case 'declined':
    case 'rejected':
    case 'throttled':
    case 'token-rejected':
    case 'unsent':
      return true;
    case 'refused':
      return false;
    case 'lost':
      return answer.cutShort;
    default:
      return answer satisfies never;
  }
}
