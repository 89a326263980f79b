import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';

const BLOCK = Buffer.alloc(65_536, 'A');
const HEAD = Buffer.from('{"code":0,"message":"');
const TAIL = Buffer.from('"}');

/**
 * Streams so many bytes of what would be a valid answer if anybody read it to its end, no faster than the
 * client takes them and without saying its length beforehand: only a limit on what is read helps against it.
 *
 * @param bytes length of the body, at least that of its frame
 */
export function sendHugeBody(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  pipeline(Readable.from(blocks(bytes), { objectMode: false }), response, () => {
    // A client that leaves is the expected end; the exchange notes it when the response closes.
  });
}

function* blocks(bytes: number): Generator<Buffer> {
  yield HEAD;
  let left = bytes - HEAD.length - TAIL.length;
  for (; left > BLOCK.length; left -= BLOCK.length) yield BLOCK;
  yield BLOCK.subarray(0, Math.max(0, left));
  yield TAIL;
}
