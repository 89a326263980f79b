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

/** What became of a publish that is given up when it takes too long, or at once where the store is full. */
export type OfferResult =
  | PublishResult
  /** Refused, nothing was stored, and it is not sent again. */
  | { readonly kind: 'full'; readonly reason: string }
  /** It is not sent again. `sent` false: it has never left this process; true: it may be stored, now or in a moment. */
  | { readonly kind: 'unanswered'; readonly sent: boolean };

/** The store is full, and the process stops: what it could not store is left behind. */
export class LogFullError extends Error {
  override readonly name = 'LogFullError';
}

/** The writer was closed before the acknowledgement came, or before the publish: nobody knows what is stored. */
export class WriterClosedError extends Error {
  override readonly name = 'WriterClosedError';
}

/** The stream refused for good: a message too large. A store that is full is waited for, it is no refusal. */
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
  | {
      readonly kind: 'stored';
      readonly stream: string;
      readonly sequence: number;
      readonly duplicate: boolean;
    }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not stored. Another publish decides in a moment what this one meets: publish it again. */
  | { readonly kind: 'in-process' }
  /** Not stored. The stream cannot take it now: publish it again. */
  | { readonly kind: 'busy' }
  | FullAnswer;

/**
 * A limit of the stream, the account or the server is reached, or the disk is full. Publish it again, later each time.
 */
export interface FullAnswer {
  readonly kind: 'full';
  readonly stream: string;
  readonly reason: string;
  /** True where a limit refused it before anything was stored; false where one replica's disk failed under it. */
  readonly certain: boolean;
}

interface PublishAnswer {
  readonly stream?: string;
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/**
 * Limits of account (10002), server (10023, which is also what a disk that is three quarters full leads to), memory
 * (10028) and storage (10047). Source: nats-server, server/errors.json; asked of 2.9.10, 2.10.27 and 2.15.1.
 */
const NO_RESOURCES = new Set([10_002, 10_023, 10_028, 10_047]);
/** The store's own error in words: a limit of the stream, a full disk, a message too large, or a store that closes. */
const STORE_FAILED = 10_077;

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
    return { kind: 'stored', stream: answer.stream ?? '', sequence: answer.seq ?? 0, duplicate };
  }
  const { err_code: errorCode = 0 } = answer.error;
  if (errorCode === WRONG_LAST_SEQUENCE) return { kind: 'conflict' };
  if (IN_PROCESS.has(errorCode)) return { kind: 'in-process' };
  const { code, description = '' } = answer.error;
  const full = { kind: 'full', stream: answer.stream ?? '', reason: description } as const;
  if (NO_RESOURCES.has(errorCode)) return { ...full, certain: true };
  if (errorCode === STORE_FAILED) {
    if (/^maximum .+ exceeded$/.test(description)) return { ...full, certain: true };
    if (description.includes('no space left')) return { ...full, certain: false };
    if (description !== 'message too large') return { kind: 'busy' };
    return { kind: 'refused', reason: `${code} ${description}` };
  }
  // 429 too many requests, 5xx: the server cannot take it now (no leader).
  if (code === 429 || code >= 500) return { kind: 'busy' };
  return { kind: 'refused', reason: `${code} ${description}` };
}

/** The first and the longest pause before something is published again that found the store full, milliseconds. */
const FIRST_FULL_MS = 100;
const LONGEST_FULL_MS = 5_000;

/**
 * The pause before a publish that found the store full is repeated, milliseconds: doubling up to 5 s, and spread over
 * its upper half.
 *
 * @param times how often it was found full, from 1
 * @param random from 0 to below 1
 */
export function fullPauseMs(times: number, random: number): number {
  const longest = Math.min(LONGEST_FULL_MS, FIRST_FULL_MS * 2 ** Math.min(times, 16));
  return longest * (0.5 + random / 2);
}

const EXPECTED = 'Nats-Expected-Last-Subject-Sequence';

/** Most events are the first on their subject: what binds them is made and encoded once. */
const firstOnSubject = encodedOnce(EXPECTED, '0');

/** The client encodes headers at every publish by this method. */
function encodedOnce(name: string, value: string): MsgHdrs {
  const made = headers() as MsgHdrs & { encode?: () => Uint8Array };
  made.set(name, value);
  const encoded = made.encode?.();
  if (encoded !== undefined) made.encode = () => encoded;
  return made;
}

/** The headers that bind a publish; none where nothing binds it. Not to be changed. */
export function makeHeaders(options: PublishOptions): MsgHdrs | undefined {
  const { expectedLastSequence, messageId, traceparent } = options;
  if (expectedLastSequence === 0 && messageId === undefined && traceparent === undefined)
    return firstOnSubject;
  if (expectedLastSequence === undefined && messageId === undefined && traceparent === undefined)
    return undefined;
  const made = headers();
  if (expectedLastSequence !== undefined) {
    made.set(EXPECTED, String(expectedLastSequence));
  }
  if (messageId !== undefined) made.set('Nats-Msg-Id', messageId);
  if (traceparent !== undefined) made.set('traceparent', traceparent);
  return made;
}
