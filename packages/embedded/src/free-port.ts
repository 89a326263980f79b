import { createServer } from 'node:net';

/**
 * Below the range from which the system takes ports of outgoing connections (32768 and up on Linux), so that
 * a server which is down for a moment finds its port still free when it comes back.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 31_999;
const ATTEMPTS = 100;

/** A TCP port on which nobody listens at this moment. @throws when 100 random candidates are all taken. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free TCP port found between ${FIRST_PORT} and ${LAST_PORT}.`);
}

/** Whether a server could listen on this TCP port now, on loopback and on all addresses. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 can't listen there, and neither can anybody else.
      resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
