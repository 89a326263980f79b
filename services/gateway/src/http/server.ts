import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ProblemCode } from '../problems/problem-codes.ts';
import type { Allowance } from './allowance.ts';
import type { JsonBodyBounds } from './body-bounds.ts';
import type { GatewayApp } from './context.ts';
import type { GatewayLimits } from './limits.ts';
import { type Expectation, makeListener } from './listener.ts';
import type { LoopTurns } from './loop-turns.ts';
import { refuseConnection, refuseTunnel } from './refuse-connection.ts';

export interface HttpServer {
  readonly port: number;
  /** Takes no new connection, finishes what is in flight (5 s at the most), and resolves when all are closed. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: GatewayLimits;
  readonly turns: LoopTurns;
  readonly bodies: JsonBodyBounds;
  readonly imports: Allowance;
  /** Told of what is refused before the application sees it; `connection` is one that was not accepted. */
  readonly onRefused: (what: ProblemCode | 'connection') => void;
}

/** All in milliseconds. */
const HEADERS_MS = 15_000;
const IDLE_MS = 60_000;
/** Longer than the 60 s after which load balancers usually give up: they must close first, not we. */
const KEEP_ALIVE_MS = 65_000;
const STOP_MS = 5_000;
const HEADERS_BYTES = 16 * 1_024;

/** Serves the application until it is stopped. */
export async function serveHttp(app: GatewayApp, options: ServeOptions): Promise<HttpServer> {
  const { limits, turns, bodies, imports, onRefused } = options;
  let stopping = false;
  const server = createServer({
    maxHeaderSize: HEADERS_BYTES,
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // An import may take hours. Bodies are timed by who reads them.
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
    // Ours to refuse, as a problem.
    requireHostHeader: false,
  });
  server.maxConnections = limits.connections;
  server.setTimeout(IDLE_MS);
  const silent = noteSilentSockets(server);
  server.on('connection', () => turns.noteAccepted());
  const discarding = { ...limits.drain, turns };
  const isStopping = (): boolean => stopping;
  const answer = makeListener({ app, limits, bodies, imports, discarding, isStopping, onRefused });
  const lastOn = new WeakMap<Socket, { incoming: IncomingMessage; outgoing: ServerResponse }>();
  const broken = new WeakSet<Socket>();
  const listen =
    (expectation: Expectation) =>
    (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      silent.delete(incoming.socket);
      lastOn.set(incoming.socket, { incoming, outgoing });
      answer(incoming, outgoing, expectation);
    };
  server.on('request', listen('nothing'));
  server.on('checkContinue', listen('continue'));
  server.on('checkExpectation', listen('unknown'));
  server.on('connect', (_request, socket: Socket) => refuseTunnel(socket, discarding));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (broken.has(socket)) return;
    broken.add(socket);
    const refuse = (): void => {
      const code = refuseConnection(error, socket, discarding);
      if (code !== undefined) onRefused(code);
    };
    const last = lastOn.get(socket);
    // Answers come in the order of the requests: one before the bad message may not be out yet.
    if (last?.incoming.complete && !last.outgoing.writableFinished && !last.outgoing.destroyed) {
      last.outgoing.once('close', refuse);
    } else refuse();
  });
  server.on('drop', () => onRefused('connection'));
  await listenAt(server, options);
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
function noteSilentSockets(server: Server): Set<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  return silent;
}

function listenAt(server: Server, { host, port, limits }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // As many may wait to be accepted: with Node's 511 the system drops what comes beyond, and seconds pass before it
    // is sent again.
    server.listen({ host, port, backlog: limits.connections }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Closes what is idle by itself; a connection that answers now is told to close with its answer.
    const force = setTimeout(() => server.closeAllConnections(), STOP_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
