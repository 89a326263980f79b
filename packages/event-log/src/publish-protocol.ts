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

const WRONG_LAST_SEQUENCE = 10_071;
/**
 * Replicated streams only: another publish of that id (10158), or on that subject (10164, although it is called "wrong
 * last sequence"), is between proposal and storage. It may still fail, so nothing is known about what will stand there.
 * Source: nats-server, server/jetstream_batching.go.
 */
const IN_PROCESS = new Set([10_158, 10_164]);

/** What the stream says to one publish. */
export type Answer =
  | { readonly kind: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not stored. Another publish decides in a moment what this one meets: publish it again. */
  | { readonly kind: 'in-process' }
  /** Not stored. The stream cannot take it now: publish it again. */
  | { readonly kind: 'busy' };

interface PublishAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/** How long to wait before a publish that met another one in process is repeated, milliseconds. */
const LEAST_IN_PROCESS_MS = 5;
const MOST_IN_PROCESS_MS = 20;

/**
 * The pause before a publish that met another one in process is repeated, milliseconds. Spread, so that fifty that
 * were refused together do not come back together.
 *
 * @param random from 0 to below 1
 */
export const inProcessPauseMs = (random: number): number =>
  LEAST_IN_PROCESS_MS + random * (MOST_IN_PROCESS_MS - LEAST_IN_PROCESS_MS);

/** Reads an acknowledgement. */
export function readAnswer(message: Pick<Msg, 'data' | 'string'>): Answer {
  // No stream listens (yet, or no longer): the server says so with an empty message of status 503.
  if (message.data.length === 0) return { kind: 'busy' };
  const answer: PublishAnswer = JSON.parse(message.string());
  if (answer.error === undefined) {
    const duplicate = answer.duplicate === true;
    // Servers before 2.11 say 10158 like this: the other one with this id has no sequence yet.
    if (duplicate && answer.seq === 0) return { kind: 'in-process' };
    return { kind: 'stored', sequence: answer.seq ?? 0, duplicate };
  }
  const { err_code: errorCode = 0 } = answer.error;
  if (errorCode === WRONG_LAST_SEQUENCE) return { kind: 'conflict' };
  if (IN_PROCESS.has(errorCode)) return { kind: 'in-process' };
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
