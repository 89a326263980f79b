import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';

// Below the ports that Linux (32768) and macOS (49152) give to outgoing connections. A port of those could be
// taken by anybody's connection while an outage has it closed, and a client that keeps connecting to a closed
// one there will at some time connect to itself.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const TRIES = 50;

/**
 * Makes the server listen on the port, or for port 0 on any that is free.
 * @throws where the port is taken, or the host is not this machine's
 */
export async function bindToFreePort(server: Server, host: string, port: number): Promise<void> {
  if (port !== 0) return listen(server, host, port);
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return await listen(server, host, randomInt(FIRST_PORT, LAST_PORT));
    } catch (error) {
      if (!isAddressInUse(error)) throw error;
    }
  }
  return listen(server, host, 0);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
