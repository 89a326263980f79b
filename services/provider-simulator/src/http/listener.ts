import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { bindToFreePort } from './bind-to-free-port.ts';

// Longer than any client keeps an idle connection: it must never be this side that closes one under a request.
const KEEP_ALIVE_MS = 300_000;

/** An address that can be opened, truly closed, and opened again on the same port. */
export class Listener {
  readonly #host: string;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #onRequest: RequestListener = () => {};
  #server: Server | null = null;

  /** @param port 0 takes any free one, once: it stays the same when opened again */
  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /** Whom the requests go to, from the next time it is opened. */
  serve(onRequest: RequestListener): void {
    this.#onRequest = onRequest;
  }

  get port(): number {
    return this.#port;
  }

  get isOpen(): boolean {
    return this.#server !== null;
  }

  /** @throws where the port is taken */
  async open(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, this.#onRequest);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await bindToFreePort(server, this.#host, this.#port);
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
  }

  /** From now on connections are refused. Idle ones are closed, those with a request under way stay. */
  stopListening(): void {
    this.#server?.close();
    this.#server = null;
  }

  /** Cuts all open connections but one, in the middle of whatever they carry. */
  sever(spared: Socket | null = null): void {
    for (const socket of this.#sockets) {
      if (socket !== spared) socket.destroy();
    }
  }
}
