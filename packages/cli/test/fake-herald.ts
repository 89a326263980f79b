import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeRequest = {
  readonly method: string;
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type FakeAnswer = {
  readonly status?: number;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For what is no whole answer: it writes itself. */
  readonly raw?: (response: ServerResponse) => void;
};

/** One answer after another, the last one again and again; or one that looks at the request. */
export type Script = readonly FakeAnswer[] | ((request: FakeRequest) => FakeAnswer);

export type FakeHerald = {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** Answers a route before its body has come, of which nothing more is read. */
  answerAtOnce(route: string, answer: FakeAnswer): void;
  close(): Promise<void>;
};

/**
 * Speaks the protocol of Herald for routes that are still to be built, and for troubles that a real one cannot be
 * brought into on purpose; at any free port unless it is said where. Routes are written `GET /stats`; others are answered as the gateway answers them.
 */
export async function serveHerald(
  routes: Readonly<Record<string, Script>>,
  where = 'http://127.0.0.1:0',
): Promise<FakeHerald> {
  const requests: FakeRequest[] = [];
  const asked = new Map<string, number>();
  const atOnce = new Map<string, FakeAnswer>();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('error', () => {});
    const early = atOnce.get(`${incoming.method} ${incoming.url?.replace(/^\/api\/v1|\?.*$/g, '')}`);
    if (early !== undefined) {
      const text = JSON.stringify(early.body);
      const head = `HTTP/1.1 ${early.status} Refused\r\nContent-Type: application/problem+json`;
      // Past the server, which would read the rest or cut the connection.
      incoming.socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
      return;
    }
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://herald');
      const request = {
        method: incoming.method ?? '',
        path: url.pathname.replace(/^\/api\/v1/, ''),
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const route = `${request.method} ${request.path}`;
      const turn = asked.get(route) ?? 0;
      asked.set(route, turn + 1);
      answer(response, choose(routes[route], request, turn));
    });
  });
  await new Promise<void>((resolve) => server.listen(Number(new URL(where).port), '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerAtOnce: (route, given) => void atOnce.set(route, given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function choose(script: Script | undefined, request: FakeRequest, turn: number): FakeAnswer {
  if (script === undefined) return problem(404, 'route-unknown', 'There is nothing at this path');
  if (typeof script === 'function') return script(request);
  return script[Math.min(turn, script.length - 1)] ?? {};
}

function answer(response: ServerResponse, { status = 200, body, headers = {}, raw }: FakeAnswer): void {
  if (raw !== undefined) {
    raw(response);
    return;
  }
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { ...(text !== '' && { 'Content-Type': type }), ...headers });
  response.end(text);
}

/** A problem as the gateway answers it. */
export const problem = (
  status: number,
  code: string,
  title: string,
  extensions: object = {},
): FakeAnswer => ({
  status,
  body: { type: `urn:herald:problem:${code}`, title, status, code, ...extensions },
  headers: status === 503 ? { 'Retry-After': '0' } : {},
});

/** The connection is cut before anything was answered. */
export const cutOff: FakeAnswer = { raw: (response) => response.destroy() };
