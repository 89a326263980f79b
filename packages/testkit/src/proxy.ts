import { connect, createServer, type Socket } from 'node:net';

/** Stands between a client and the server, and can keep the server's answers from the client. */
export interface Proxy {
  readonly url: string;
  /** From now on nothing that the server says gets through. */
  deafen(): void;
  /** From now on nothing that the client says gets through. */
  mute(): void;
  /** From now on nothing gets through on the connections that stand now, as in a network that has forgotten them. */
  strand(): void;
  /** Cuts every connection; those made from now on hear everything again. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const stranded = new WeakSet<Socket>();
  let deaf = false;
  let dumb = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Both ends go together; why one went is no matter of the other.
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', (data) => {
      if (!(dumb || stranded.has(client))) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!(deaf || stranded.has(client))) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cut = (): void => {
    deaf = false;
    dumb = false;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    deafen: () => {
      deaf = true;
    },
    mute: () => {
      dumb = true;
    },
    strand: () => {
      for (const socket of sockets) {
        stranded.add(socket);
        // Not even a goodbye is heard.
        socket.pause();
      }
    },
    cut,
    stop: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
