import { type Dispatcher, errors } from 'undici';
import type { CallResult } from './answer.ts';
import type { CallAbort } from './call-abort.ts';
import type { Deadline } from './deadlines.ts';
import { type DecodedBody, decodeBody, OVERSIZE } from './decode-body.ts';

/** The reason of an abort because the provider took too long; every other reason is one of our own. */
export const TIMED_OUT = 'timed out';

/** The time passed, or the process stood still, before the first byte could leave. */
const BEGUN_TOO_LATE = 'BEGUN_TOO_LATE';

/** Bytes, on the way and unpacked. */
export const LARGEST_ANSWER = 64 * 1024;

export interface CallOptions {
  /** When the first byte must have left, and when the call must be over; on the clock of `performance.now()`. */
  readonly beginBy: number;
  readonly endBy: number;
  /** Why it is broken off at `endBy`. */
  readonly endReason: string;
  readonly abort: CallAbort;
  readonly ended: (call: Call) => void;
  readonly resolve: (result: CallResult) => void;
}

/**
 * One call, as undici reports on it: a handler instead of `request`, whose stream, signal and promises cost as much as
 * the call. It resolves exactly once, and knows for certain whether a byte of the request may have left.
 */
export class Call implements Dispatcher.DispatchHandler, Deadline {
  readonly #options: CallOptions;
  /** There once the request is being written. */
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #abortReason: string | null = null;
  #statusCode: number | null = null;
  #headers: Record<string, string | string[] | undefined> = {};
  readonly #chunks: Buffer[] = [];

  constructor(options: CallOptions) {
    this.#options = options;
    options.abort.onAbort((reason) => this.#breakOff(reason));
  }

  get endBy(): number {
    return this.#options.endBy;
  }

  expire(): void {
    this.#breakOff(this.#options.endReason);
  }

  /**
   * The last look before a byte leaves. Between the decision to call and this moment a connection may have to be made,
   * and a process that was frozen meanwhile for half a minute would go on with it: after the end of the mailing, or
   * beside the sender that has taken the batch over. Timers come too late for that, since what has become ready is
   * worked on before them.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) {
      controller.abort(new Error('the call was broken off'));
      return;
    }
    if (performance.now() > this.#options.beginBy) {
      this.#abortReason = BEGUN_TOO_LATE;
      this.#break(BEGUN_TOO_LATE);
      controller.abort(new Error(BEGUN_TOO_LATE));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Early hints and the like.
    if (statusCode < 200) return;
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = this.#readBody();
    if ('text' in body) this.#answer(body.text);
    else this.#answerWithout(body.error);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const isTooLong = error instanceof errors.ResponseExceededMaxSizeError;
    this.#answerWithout(this.#abortReason ?? (isTooLong ? OVERSIZE : describe(error)));
  }

  #breakOff(reason: string): void {
    if (this.#isOver) return;
    this.#abortReason = reason;
    if (this.#controller === null) this.#break(reason);
    else this.#controller.abort(new Error(reason));
  }

  /** A refusal stands in the status line: it is no less definite when its body breaks off or cannot be read. */
  #answerWithout(error: string): void {
    if (this.#statusCode !== null && this.#statusCode >= 300) this.#answer('');
    else this.#break(error);
  }

  #answer(body: string): void {
    const { 'retry-after': retryAfter, date } = this.#headers;
    this.#resolve({
      kind: 'answered',
      statusCode: this.#statusCode ?? 0,
      body,
      retryAfter: firstOf(retryAfter),
      date: firstOf(date),
    });
  }

  #break(error: string): void {
    this.#resolve({
      kind: 'broken',
      statusCode: this.#statusCode,
      error,
      nothingSent: this.#controller === null,
      cutShort: this.#abortReason !== null && this.#abortReason !== TIMED_OUT,
    });
  }

  #resolve(result: CallResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.ended(this);
    this.#options.resolve(result);
  }

  #readBody(): DecodedBody {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const codings = this.#headers['content-encoding'];
    if (codings !== undefined) return decodeBody(bytes ?? Buffer.alloc(0), String(codings), LARGEST_ANSWER);
    return { text: decoder.decode(bytes) };
  }
}

const decoder = new TextDecoder();

function firstOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

/** Codes and names only: a message of an error may hold anything, also what the provider sent. */
const describe = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;
