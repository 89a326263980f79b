import { asUtf8, type CodedPiece, type Coding } from './utf-16.ts';

/** A line of the sender's text, counted from 1; `fault` where it cannot be read, with what can be shown of it. */
export type TextLine =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly fault: string; readonly text: string };

/** No client's line is near this many bytes. */
export const LONGEST_LINE = 16 * 1_024;

/** So much is shown of a longer one, bytes. */
const SHOWN_OF_LONGER = 256;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Cuts a stream of bytes into lines, as many at once as a piece brought. Lines end with LF, CRLF or CR alone; bytes are decoded
 * line by line, so that a piece may end anywhere. Never holds more than one line of {@link LONGEST_LINE} bytes.
 */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly TextLine[]> {
  const cutter = new LineCutter();
  for await (const piece of asUtf8(source)) {
    const lines = cutter.take(piece);
    if (lines.length > 0) yield lines;
  }
  const rest = cutter.end();
  if (rest.length > 0) yield rest;
}

class LineCutter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #line = 0;
  #coding: Coding = 'UTF-8';
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #overlong = false;
  /** The last piece ended with CR: an LF at the beginning of the next one ends no further line. */
  #isAfterReturn = false;

  take({ bytes: piece, coding }: CodedPiece): TextLine[] {
    const lines: TextLine[] = [];
    this.#coding = coding;
    if (piece.length === 0) return lines;
    let from = this.#isAfterReturn && piece[0] === LINE_FEED ? 1 : 0;
    this.#isAfterReturn = false;
    let feed = piece.indexOf(LINE_FEED, from);
    let carriage = piece.indexOf(CARRIAGE_RETURN, from);
    while (feed !== -1 || carriage !== -1) {
      const end = feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
      this.#hold(piece.subarray(from, end));
      lines.push(this.#cut());
      from = end === carriage && piece[end + 1] === LINE_FEED ? end + 2 : end + 1;
      if (end === piece.length - 1) this.#isAfterReturn = end === carriage;
      // Each is looked for again only where it was passed: a file has but one of them, mostly.
      if (feed !== -1 && feed < from) feed = piece.indexOf(LINE_FEED, from);
      if (carriage !== -1 && carriage < from) carriage = piece.indexOf(CARRIAGE_RETURN, from);
    }
    this.#hold(piece.subarray(from));
    return lines;
  }

  end(): TextLine[] {
    return this.#heldBytes === 0 && !this.#overlong ? [] : [this.#cut()];
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#overlong) return;
    if (this.#heldBytes + bytes.length > LONGEST_LINE) {
      this.#overlong = true;
      this.#held = [Buffer.concat([...this.#held, bytes]).subarray(0, SHOWN_OF_LONGER)];
      this.#heldBytes = SHOWN_OF_LONGER;
      return;
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #cut(): TextLine {
    const bytes = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held);
    const overlong = this.#overlong;
    this.#held = [];
    this.#heldBytes = 0;
    this.#overlong = false;
    this.#line += 1;
    if (overlong) {
      const text = `${showable(bytes)}…`;
      return { line: this.#line, fault: `is longer than ${LONGEST_LINE} bytes`, text };
    }
    return this.#decode(bytes ?? new Uint8Array());
  }

  #decode(whole: Uint8Array): TextLine {
    const marked = this.#line === 1 && BYTE_ORDER_MARK.every((byte, index) => whole[index] === byte);
    try {
      const text = this.#decoder.decode(whole.subarray(marked ? BYTE_ORDER_MARK.length : 0));
      return { line: this.#line, text };
    } catch (error) {
      if (error instanceof TypeError) {
        return { line: this.#line, fault: `is not ${this.#coding}`, text: showable(whole) };
      }
      throw error;
    }
  }
}

/** Bytes that may be no text, as far as they are. */
const showable = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
