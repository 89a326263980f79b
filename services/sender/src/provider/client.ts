import { Pool } from 'undici';
import type { CallResult } from './answer.ts';
import { Call, type CallOptions, LARGEST_ANSWER } from './call.ts';
import { Deadlines } from './deadlines.ts';

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

/** The provider's protocol over connections of our own: `POST {prefix}/v1/send/{messageId}{query}`. */
export class ProviderClient {
  readonly #pool: Pool;
  readonly #deadlines = new Deadlines();
  readonly #prefix: string;
  readonly #query: string;
  /** Names and values in turn: undici takes them as they are. */
  readonly #headers: readonly string[];

  constructor(options: ProviderClientOptions) {
    const url = new URL(options.url);
    this.#prefix = `${url.pathname.replace(/\/+$/, '')}/v1/send/`;
    this.#query = url.search;
    this.#headers = [
      'authorization',
      `Bearer ${options.token}`,
      // Without it any coding may come.
      'accept-encoding',
      'identity',
      'content-type',
      'application/json',
      'idempotency-key',
    ];
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      // None: every call has a deadline of its own, and these are timers to be made anew for each.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Shorter than the call's own limit: who did not even connect has certainly not sent anything.
      connectTimeout: Math.ceil(options.timeoutMs / 2),
      maxResponseSize: LARGEST_ANSWER,
      allowH2: false,
    });
  }

  /** Calls once. Never rejects: what breaks is part of the result. */
  send(request: SendRequest, limits: Omit<CallOptions, 'ended' | 'resolve'>): Promise<CallResult> {
    const { messageId, phone, textJson } = request;
    return new Promise((resolve) => {
      const ended = (over: Call): void => this.#deadlines.remove(over);
      const call = new Call({ ...limits, ended, resolve });
      this.#deadlines.add(call);
      this.#pool.dispatch(
        {
          method: 'POST',
          path: `${this.#prefix}${messageId}${this.#query}`,
          headers: [...this.#headers, String(messageId)],
          body: `{"id":${messageId},"phone":${phone},"text":${textJson}}`,
        },
        call,
      );
    });
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#pool.destroy();
    this.#deadlines.close();
  }
}
