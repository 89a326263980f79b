import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

const PACK = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (text: string) => brotliCompressSync(text),
  // A name that nobody knows, for a body that is not packed at all.
  unknown: (text: string) => Buffer.from(text),
} as const;

/**
 * Sends a body as a server or a proxy may that packs what it sends, asked for or not.
 *
 * @param unpackedBytes blanks behind the body bring it to this length: a packed one of many megabytes is small
 */
export function sendCoded(
  response: ServerResponse,
  body: string,
  coding: keyof typeof PACK,
  unpackedBytes: number,
): void {
  const packed = PACK[coding](body.padEnd(unpackedBytes));
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Encoding': coding,
    'Content-Length': packed.length,
  });
  response.end(packed);
}
