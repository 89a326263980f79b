import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * How a proxy treats connections:
 *
 * - passing: as if it were not there
 * - refusing: those that stand are reset, and no new ones are taken
 * - swallowing: they stand, also new ones, and nothing passes, not even their end (a cable pulled out). What was said
 *   meanwhile arrives when it passes again, as TCP would have it
 */
export type ProxyMode = 'passing' | 'refusing' | 'swallowing';

/** A line between the services and one server, that can be cut. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #lines = new Set<Line>();
  #mode: ProxyMode = 'passing';

  private constructor(server: Server, port: number, target: { host: string; port: number }) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on('connection', (client) => this.#join(client));
  }

  /** @param url of the server that is reached through it */
  static async start(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    // Reading begins only when both ends of a line are there.
    const server = createServer({ pauseOnConnect: true });
    await listen(server, 0);
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return new TcpProxy(server, address.port, { host: hostname, port: Number(port) });
  }

  /** The same address with the proxy's port in it. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href.replace(/\/$/, '');
  }

  async turn(mode: ProxyMode): Promise<void> {
    const before = this.#mode;
    this.#mode = mode;
    if (mode === 'refusing') await this.#close();
    else if (before === 'refusing') await listen(this.#server, this.port);
    for (const line of this.#lines) line.turn(mode);
  }

  async stop(): Promise<void> {
    if (this.#mode !== 'refusing') await this.#close();
  }

  #join(client: Socket): void {
    const line = new Line(client, connect(this.#target), () => this.#lines.delete(line));
    this.#lines.add(line);
    line.turn(this.#mode);
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const line of this.#lines) line.cut();
    await closed;
  }
}

/** One connection through the proxy: two sockets that hand over what they get, and end together. */
class Line {
  readonly #ends: readonly [Socket, Socket];
  readonly #onGone: () => void;
  #mode: ProxyMode = 'passing';
  #over = false;

  constructor(client: Socket, upstream: Socket, onGone: () => void) {
    this.#ends = [client, upstream];
    this.#onGone = onGone;
    upstream.pause();
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (data) => {
        if (!to.write(data)) from.pause();
      });
      to.on('drain', () => {
        if (this.#mode === 'passing') from.resume();
      });
      // The end of a socket is told by its closing; why it came is no matter of the other one.
      from.on('error', () => {});
      from.on('close', () => {
        this.#over = true;
        if (this.#mode !== 'swallowing') this.cut();
      });
    }
  }

  turn(mode: ProxyMode): void {
    this.#mode = mode;
    if (mode === 'passing' && this.#over) this.cut();
    else for (const end of this.#ends) mode === 'passing' ? end.resume() : end.pause();
  }

  cut(): void {
    for (const end of this.#ends) end.resetAndDestroy();
    this.#onGone();
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
