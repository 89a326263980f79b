import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Drain } from './limits.ts';
import type { LoopTurns } from './loop-turns.ts';

/** Within which bounds, and when, the rest of a body is read. */
export interface Discarding extends Drain {
  readonly turns: LoopTurns;
}

/**
 * Answers a request whose body has not been read to its end, and closes the connection afterwards. A socket that is
 * closed while bytes wait in it is reset, and the reset may overtake the answer: so the answer goes out first, then what
 * still comes is read and thrown away, within bounds, and only then the connection is closed.
 */
export async function answerThenDrain(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: Response,
  discarding: Discarding,
): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const { status } = response;
  await writeThenDrain(
    incoming,
    outgoing,
    { status, headers: Object.fromEntries(response.headers), body },
    discarding,
  );
}

/** An answer that is ready to be written. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As {@link answerThenDrain}. */
export async function writeThenDrain(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body }: WholeAnswer,
  discarding: Discarding,
): Promise<void> {
  if (outgoing.destroyed) return;
  outgoing.writeHead(status, {
    ...headers,
    ...(status === 204 ? {} : { 'Content-Length': body.length }),
    Connection: 'close',
  });
  if (body.length > 0) outgoing.write(body);
  else outgoing.flushHeaders();
  await discard(incoming, incoming.socket, discarding);
  outgoing.end();
}

/** The same for a connection on which nothing can be read as HTTP. `answer` is the whole message. */
export async function answerRawThenDrain(
  socket: Socket,
  answer: string,
  discarding: Discarding,
): Promise<void> {
  // Whatever comes would go to the HTTP parser, which fails again.
  socket.removeAllListeners('data');
  socket.on('error', () => {});
  socket.end(answer);
  await discard(socket, socket, discarding);
  socket.destroySoon();
}

/** Reads to the end, but not more than the bounds allow. Never rejects. */
function discard(source: Readable, socket: Socket, { bytes, ms, turns }: Discarding): Promise<void> {
  return new Promise((resolve) => {
    let left = bytes;
    const end = (): void => {
      clearTimeout(timer);
      source.off('data', read).off('end', end).off('close', end).off('error', end);
      source.pause();
      resolve();
    };
    const read = (piece: Buffer): void => {
      left -= piece.length;
      if (left < 0) end();
      else turns.postpone(socket);
    };
    const timer = setTimeout(end, ms);
    if (source.readableEnded || source.destroyed) {
      end();
      return;
    }
    source.on('data', read).on('end', end).on('close', end).on('error', end);
    source.resume();
  });
}
