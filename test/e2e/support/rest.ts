import { Agent, request } from 'undici';

export type Answer<Body> = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly clientId?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
};

export type CallOptions = {
  /** An object is sent as JSON, a string as it is. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A client of the REST API: answers whatever came, and takes no status for an error. */
export class Rest {
  readonly #origin: string;
  readonly #agent = new Agent({ connections: 64, headersTimeout: 20_000, bodyTimeout: 20_000 });

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** `path` begins behind `/api/v1`, or with `//` from the root. */
  async call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    const { body, headers } = options;
    const isText = typeof body === 'string' || body === undefined;
    const answer = await request(
      `${this.#origin}${path.startsWith('//') ? path.slice(1) : `/api/v1${path}`}`,
      {
        method,
        dispatcher: this.#agent,
        headers: { ...(isText ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      },
    );
    const text = await answer.body.text();
    const isJson = /json/.test(String(answer.headers['content-type'] ?? ''));
    // The one place where the test trusts the contract; what it asserts is checked there.
    const parsed = (isJson && text !== '' ? JSON.parse(text) : text) as Body;
    return { status: answer.statusCode, headers: answer.headers, body: parsed };
  }

  /** @throws when the answer is not a 2xx, with what it says */
  async expect<Body>(method: string, path: string, options: CallOptions = {}): Promise<Body> {
    const { status, body } = await this.call<Body>(method, path, options);
    if (status < 200 || status > 299)
      throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  get<Body>(path: string): Promise<Body> {
    return this.expect<Body>('GET', path);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
