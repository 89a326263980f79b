import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { newId } from '@herald/contracts';
import { getRequestListener } from '@hono/node-server';
import { answerProblem, makeProblem } from '../problems/problem.ts';
import type { ProblemCode } from '../problems/problem-codes.ts';
import type { GatewayApp } from './context.ts';
import { CORRELATION_HEADER } from './correlation.ts';

export interface HttpServer {
  readonly port: number;
  /** Takes no new connection, finishes what is in flight (5 s at the most), and resolves when all are closed. */
  stop(): Promise<void>;
}

/** All in milliseconds. */
const HEADERS_MS = 15_000;
const IDLE_MS = 60_000;
/** Longer than the 60 s after which load balancers usually give up: they must close first, not we. */
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 5_000;
const HEADERS_BYTES = 16 * 1_024;

/** Serves the application until it is stopped. */
export async function serveHttp(app: GatewayApp, host: string, port: number): Promise<HttpServer> {
  let stopping = false;
  const answer = getRequestListener(
    async (request, env) => {
      const response = await app.fetch(request, env);
      if (stopping) response.headers.set('Connection', 'close');
      return response;
    },
    { errorHandler: () => answerUncorrelated('url-malformed') },
  );
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // That version knows no such header, and the health checks of load balancers still speak it.
    if (request.httpVersion === '1.0') request.headers.host ??= 'localhost';
    void answer(request, response);
  };
  const server = createServer(
    {
      maxHeaderSize: HEADERS_BYTES,
      headersTimeout: HEADERS_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // An import may take hours. A body that stands still is ended by the idle time, a JSON body by its reader.
      requestTimeout: 0,
      connectionsCheckingInterval: 5_000,
      // Ours to refuse, as a problem.
      requireHostHeader: false,
    },
    listener,
  );
  server.setTimeout(IDLE_MS);
  server.on('checkExpectation', listener);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  const silent = noteSilentSockets(server);
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      stopping = true;
      const closed = close(server);
      for (const socket of silent) socket.destroy();
      await closed;
    },
  };
}

/** Connections on which no request has come yet: browsers open some ahead, and the server does not count them as idle. */
function noteSilentSockets(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', (request) => silent.delete(request.socket));
  return silent;
}

const answerUncorrelated = (code: ProblemCode): Response =>
  answerProblem(makeProblem(code, 'The request cannot be read.'), {
    [CORRELATION_HEADER]: newId(),
    Connection: 'close',
  });

/** Answers what is not even HTTP. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const document = makeProblem(codeOf(error.code), 'The request cannot be read.');
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${document.status} ${document.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_HEADER}: ${newId()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function codeOf(reason: string | undefined): ProblemCode {
  if (reason === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  if (reason === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'request-malformed';
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Closes what is idle by itself; a connection that answers now is told to close with its answer.
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
