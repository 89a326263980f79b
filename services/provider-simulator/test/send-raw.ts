import { connect } from 'node:net';
import { type RunningSimulator, TOKEN } from './running-simulator.ts';

export interface RawOptions {
  /** Cuts the connection after so long. */
  readonly leaveAfterMs?: number;
  readonly readNothing?: boolean;
  /** Sends only so many bytes of the body. */
  readonly bodyBytes?: number;
}

export interface RawAnswer {
  readonly head: string;
  readonly body: string;
  readonly bodyPieces: number;
  /** From the head's arrival to the end. */
  readonly bodyMs: number;
  /** The socket's error code; null where the connection ended in good order. */
  readonly error: string | null;
}

/** Sends a valid message over a bare socket: what a client library would hide can be seen here. */
export function sendRaw(
  provider: RunningSimulator,
  id: number,
  options: RawOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(provider.simulator.url);
  const body = JSON.stringify({ id, phone: 79_161_234_567, text: 'Hello' });
  const head = [
    `POST /v1/send/${id} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: Bearer ${TOKEN}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return new Promise((resolve) => {
    let received = '';
    let pieces = 0;
    let headAt = 0;
    let error: string | null = null;
    const socket = connect(Number(port), hostname);
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, options.bodyBytes)}`);
    if (!options.readNothing) {
      socket.on('data', (piece: Buffer) => {
        if (pieces === 0) headAt = performance.now();
        pieces += 1;
        received += piece.toString('utf8');
      });
    }
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error = cause.code ?? cause.message;
    });
    const leaving =
      options.leaveAfterMs === undefined ? null : setTimeout(() => socket.destroy(), options.leaveAfterMs);
    socket.on('close', () => {
      if (leaving !== null) clearTimeout(leaving);
      const end = received.indexOf('\r\n\r\n');
      resolve({
        head: received.slice(0, end === -1 ? 0 : end + 2),
        body: end === -1 ? '' : received.slice(end + 4),
        bodyPieces: pieces - 1,
        bodyMs: performance.now() - headAt,
        error,
      });
    });
  });
}
