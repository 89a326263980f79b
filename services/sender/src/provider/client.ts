import { type Dispatcher, errors, Pool } from 'undici';
import type { CallResult } from './answer.ts';
import { BegunTooLateError, beginInTime, type TimedOptions } from './begin-in-time.ts';
import { type DecodedBody, decodeBody, OVERSIZE } from './decode-body.ts';

export interface ProviderClientOptions {
  /** `http(s)://host[:port][/prefix][?query]`; the query goes with every call. */
  readonly url: string;
  readonly token: string;
  /** How long one call may take in all, milliseconds. */
  readonly timeoutMs: number;
  /** As many calls as may be under way. */
  readonly connections: number;
}

/** One message as the provider is to get it. */
export interface SendRequest {
  readonly messageId: number;
  /** Digits. */
  readonly phone: string;
  /** The text as a JSON string, quotes included: written once for all messages of a mailing. */
  readonly textJson: string;
}

/** The reason of an abort because the provider took too long; every other reason is one of our own. */
export const TIMED_OUT = 'timed out';

/** Bytes, on the way and unpacked. */
const LARGEST_ANSWER = 64 * 1024;

/** The provider's protocol over connections of our own: `POST {prefix}/v1/send/{messageId}{query}`. */
export class ProviderClient {
  readonly #calls: Dispatcher;
  readonly #prefix: string;
  readonly #query: string;
  readonly #authorization: string;

  constructor(options: ProviderClientOptions) {
    const url = new URL(options.url);
    this.#prefix = `${url.pathname.replace(/\/+$/, '')}/v1/send/`;
    this.#query = url.search;
    this.#authorization = `Bearer ${options.token}`;
    const pool = new Pool(url.origin, {
      connections: options.connections,
      // Backstops only: every call has an abort signal of its own, which these must not outrun.
      headersTimeout: options.timeoutMs * 2,
      bodyTimeout: options.timeoutMs * 2,
      // Shorter than the call's own limit: who did not even connect has certainly not sent anything.
      connectTimeout: Math.ceil(options.timeoutMs / 2),
      maxResponseSize: LARGEST_ANSWER,
      allowH2: false,
    });
    this.#calls = pool.compose(beginInTime);
  }

  /**
   * Calls once. Never throws: what breaks is part of the result. The signal's reason is the error's text.
   *
   * @param beginBy when the first byte must have left at the latest, on the clock of `performance.now()`
   */
  async send(request: SendRequest, signal: AbortSignal, beginBy: number): Promise<CallResult> {
    let statusCode: number | null = null;
    let retryAfter: string | null = null;
    let date: string | null = null;
    try {
      const options: TimedOptions = {
        beginBy,
        method: 'POST',
        path: `${this.#prefix}${request.messageId}${this.#query}`,
        headers: {
          authorization: this.#authorization,
          // Without it any coding may come.
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'idempotency-key': String(request.messageId),
        },
        body: `{"id":${request.messageId},"phone":${request.phone},"text":${request.textJson}}`,
        signal,
      };
      const response = await this.#calls.request(options);
      statusCode = response.statusCode;
      retryAfter = firstOf(response.headers['retry-after']);
      date = firstOf(response.headers.date);
      const body = await readBody(response);
      if ('text' in body) return { kind: 'answered', statusCode, body: body.text, retryAfter, date };
      if (statusCode >= 300) return { kind: 'answered', statusCode, body: '', retryAfter, date };
      return { kind: 'broken', statusCode, error: body.error, nothingSent: false, cutShort: false };
    } catch (error) {
      // A refusal stands in the status line: it is no less definite when its body breaks off.
      if (statusCode !== null && statusCode >= 300) {
        return { kind: 'answered', statusCode, body: '', retryAfter, date };
      }
      return {
        kind: 'broken',
        statusCode,
        error: describe(error, signal),
        nothingSent: isUnsent(error),
        cutShort: signal.aborted && signal.reason !== TIMED_OUT,
      };
    }
  }

  /** Cuts every connection. */
  close(): Promise<void> {
    return this.#calls.destroy();
  }
}

async function readBody({ headers, body }: Dispatcher.ResponseData): Promise<DecodedBody> {
  const codings = headers['content-encoding'];
  if (codings === undefined) return { text: await body.text() };
  return decodeBody(new Uint8Array(await body.arrayBuffer()), String(codings), LARGEST_ANSWER);
}

function firstOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Codes and names only: a message of an error may hold anything, also what the provider sent. */
function describe(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return String(signal.reason);
  if (error instanceof errors.ResponseExceededMaxSizeError) return OVERSIZE;
  return codeOf(error) ?? (error instanceof Error ? error.name : 'unknown error');
}

/** Failures while connecting, where not a byte of a request had left: the name's resolution, TCP, or TLS. */
const UNSENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function isUnsent(error: unknown): boolean {
  if (error instanceof BegunTooLateError) return true;
  if (error instanceof errors.ConnectTimeoutError) return true;
  const code = codeOf(error);
  if (code !== null && UNSENT_CODES.has(code)) return true;
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect';
}
