import { TextDecoder } from 'node:util';

/**
 * The same text in UTF-8, where it comes in UTF-16 (as Excel saves "Unicode text"), told by its byte order mark or by the
 * zero in its first character, which is ASCII in every file that can be imported. Other bytes pass as they are.
 */
export async function* asUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | null | undefined;
  let first: Uint8Array = new Uint8Array();
  for await (const piece of source) {
    if (decoder !== undefined) {
      yield decoder === null ? piece : Buffer.from(decoder.decode(piece, { stream: true }));
      continue;
    }
    first = first.length === 0 ? piece : Buffer.concat([first, piece]);
    if (first.length < 2) continue;
    decoder = decoderOf(first);
    yield decoder === null ? first : Buffer.from(decoder.decode(first, { stream: true }));
  }
  // One byte alone, or half a character at the end: what reads the lines says that it is no text.
  if (decoder === undefined) yield first;
  else if (decoder !== null) yield Buffer.from(decoder.decode());
}

function decoderOf([one, two]: Uint8Array): TextDecoder | null {
  if ((one === 0xff && two === 0xfe) || (one !== 0 && two === 0)) return new TextDecoder('utf-16le');
  if ((one === 0xfe && two === 0xff) || (one === 0 && two !== 0)) return new TextDecoder('utf-16be');
  return null;
}
