import { headers, type Msg, type MsgHdrs } from 'nats';

/** What a publish is bound to, and how it is recognised. */
export interface PublishOptions {
  /** The message lands only if the last sequence on its subject is this; 0 means that none may be there. */
  readonly expectedLastSequence?: number;
  /** Within the stream's window a second message with this id is answered as a duplicate and not stored. */
  readonly messageId?: string;
  readonly traceparent?: string | undefined;
}

export type PublishResult =
  | { readonly kind: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  /** The expected sequence was not the last one. `retried`: it may have been our own first attempt that landed. */
  | { readonly kind: 'conflict'; readonly retried: boolean };

/** The stream refused for good: a message too large, a stream that is full. */
export class PublishRefusedError extends Error {
  override readonly name = 'PublishRefusedError';
}

const WRONG_LAST_SEQUENCE = 10071;

/** What the stream says to one publish. */
export type Answer =
  | { readonly kind: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'busy' };

interface PublishAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/** Reads an acknowledgement. */
export function readAnswer(message: Msg): Answer {
  // No stream listens (yet, or no longer): the server says so with an empty message of status 503.
  if (message.data.length === 0) return { kind: 'busy' };
  const answer: PublishAnswer = JSON.parse(message.string());
  if (answer.error === undefined) {
    return { kind: 'stored', sequence: answer.seq ?? 0, duplicate: answer.duplicate === true };
  }
  if (answer.error.err_code === WRONG_LAST_SEQUENCE) return { kind: 'conflict' };
  // 429 too many requests, 5xx: the server cannot take it now (no leader, no space that may be freed).
  if (answer.error.code === 429 || answer.error.code >= 500) return { kind: 'busy' };
  return { kind: 'refused', reason: `${answer.error.code} ${answer.error.description ?? ''}` };
}

/** The headers that bind a publish; none where nothing binds it. */
export function makeHeaders(options: PublishOptions): MsgHdrs | undefined {
  const { expectedLastSequence, messageId, traceparent } = options;
  if (expectedLastSequence === undefined && messageId === undefined && traceparent === undefined)
    return undefined;
  const made = headers();
  if (expectedLastSequence !== undefined) {
    made.set('Nats-Expected-Last-Subject-Sequence', String(expectedLastSequence));
  }
  if (messageId !== undefined) made.set('Nats-Msg-Id', messageId);
  if (traceparent !== undefined) made.set('traceparent', traceparent);
  return made;
}
