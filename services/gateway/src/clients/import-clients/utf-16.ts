/** What a text is written in. */
export type Coding = 'UTF-8' | 'UTF-16';

/** A piece of a text in UTF-8, and what it was written in. */
export interface CodedPiece {
  readonly bytes: Uint8Array;
  readonly coding: Coding;
}

/**
 * The same text in UTF-8, where it comes in UTF-16 (as Excel saves "Unicode text"), told by its byte order mark or by the
 * zero in its first character, which is ASCII in every file that can be imported. Other bytes pass as they are. Half a
 * character becomes a byte that no UTF-8 has, so that whoever reads the line finds it.
 */
export async function* asUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<CodedPiece> {
  let transcoder: Utf16Transcoder | null | undefined;
  let first: Uint8Array = new Uint8Array();
  const coded = (piece: Uint8Array): CodedPiece =>
    transcoder ? { bytes: transcoder.take(piece), coding: 'UTF-16' } : { bytes: piece, coding: 'UTF-8' };
  for await (const piece of source) {
    if (transcoder !== undefined) {
      yield coded(piece);
      continue;
    }
    first = first.length === 0 ? piece : Buffer.concat([first, piece]);
    if (first.length < 2) continue;
    transcoder = transcoderOf(first);
    yield coded(first);
  }
  // One byte alone: what reads the lines says that it is no text.
  if (transcoder === undefined) yield coded(first);
  else if (transcoder !== null) yield { bytes: transcoder.end(), coding: 'UTF-16' };
}

function transcoderOf([one, two]: Uint8Array): Utf16Transcoder | null {
  if ((one === 0xff && two === 0xfe) || (one !== 0 && two === 0)) return new Utf16Transcoder('LE');
  if ((one === 0xfe && two === 0xff) || (one === 0 && two !== 0)) return new Utf16Transcoder('BE');
  return null;
}

/** Writes UTF-16 as UTF-8; pieces may end anywhere. */
class Utf16Transcoder {
  readonly #order: 'LE' | 'BE';
  /** The beginning of a character, at most three bytes. */
  #rest: Uint8Array = new Uint8Array();

  constructor(order: 'LE' | 'BE') {
    this.#order = order;
  }

  take(piece: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#rest, piece]);
    const text = this.#decode(bytes);
    const isCut = /[\ud800-\udbff]$/.test(text);
    const whole = isCut ? text.slice(0, -1) : text;
    this.#rest = bytes.subarray(whole.length * 2);
    return encode(whole);
  }

  end(): Uint8Array {
    return this.#rest.length === 0 ? this.#rest : NO_CHARACTER;
  }

  #decode(bytes: Buffer): string {
    const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
    return (this.#order === 'LE' ? even : even.swap16()).toString('utf16le');
  }
}

const NO_CHARACTER = Uint8Array.of(0xff);

function encode(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text);
  // With the flag `u` a pair of surrogates is one character, and only those without their other half are found.
  const parts = text.split(/\p{Surrogate}/u).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [NO_CHARACTER, part])));
}
