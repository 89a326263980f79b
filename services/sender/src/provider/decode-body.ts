import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';

export type DecodedBody = { readonly text: string } | { readonly error: string };

/** An answer that grew beyond the limit, packed or not. */
export const OVERSIZE = 'oversize answer';

/** Each further one would be another round over the same bytes. */
const MOST_CODINGS = 3;

/**
 * Undoes the codings of a body (RFC 9110, 8.4). We ask for none; a server or a proxy may pack all the same.
 *
 * @param codings the header `Content-Encoding`, in the order in which they were applied
 * @param limit what each step may come to, bytes: a body that unpacks to more is given up there
 */
export function decodeBody(bytes: Uint8Array, codings: string, limit: number): DecodedBody {
  const names = codings
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > MOST_CODINGS) return { error: 'too many codings' };
  let decoded = bytes;
  for (const name of names.reverse()) {
    const decode = DECODERS.get(name);
    if (decode === undefined) return { error: 'unknown coding' };
    try {
      decoded = decode(decoded, { maxOutputLength: limit });
    } catch (error) {
      const isTooLong = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { error: isTooLong ? OVERSIZE : 'broken coding' };
    }
  }
  return { text: new TextDecoder().decode(decoded) };
}

type Decode = (bytes: Uint8Array, options: ZlibOptions) => Uint8Array;

/** `deflate` means zlib's format; some servers leave out its header. The first byte tells: its low half is 8 there. */
const inflate: Decode = (bytes, options) =>
  ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, options) : inflateRawSync(bytes, options);

const DECODERS: ReadonlyMap<string, Decode> = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflate],
  ['br', (bytes, { maxOutputLength }) => brotliDecompressSync(bytes, { maxOutputLength })],
]);
