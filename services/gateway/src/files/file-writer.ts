import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** How the writing of a file ended. */
export type FileEnding =
  | 'whole'
  /** Whoever read it has closed the connection. */
  | 'gone'
  /** Whoever read it has stopped taking it. */
  | 'stalled'
  /** What it is made of could not be read any further. */
  | 'broken';

/** So much (bytes) is written at a time, and must be taken in time. */
const SLICE_BYTES = 64 * 1_024;

/**
 * Writes the rest of an answer, as fast as it is taken, and never more than one slice ahead. Of a file that is not whole
 * the connection is reset: without the end of its last chunk nobody takes a part for the whole.
 *
 * @param stallMs how long one slice may take
 */
export class FileWriter {
  readonly #outgoing: ServerResponse;
  readonly #stallMs: number;
  #bytes = 0;

  constructor(outgoing: ServerResponse, stallMs: number) {
    this.#outgoing = outgoing;
    this.#stallMs = stallMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns why no more can be written, if so */
  async write(text: string): Promise<'gone' | 'stalled' | undefined> {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
      if (this.#isGone) return 'gone';
      const slice = bytes.subarray(from, from + SLICE_BYTES);
      this.#bytes += slice.length;
      if (this.#outgoing.write(slice)) continue;
      const hindrance = await this.#drained();
      if (hindrance !== undefined) return hindrance;
    }
    return this.#isGone ? 'gone' : undefined;
  }

  /** @param closes whether the connection takes no further request */
  end(closes: boolean): void {
    const { socket } = this.#outgoing;
    this.#outgoing.end(() => {
      if (closes) socket?.destroySoon();
    });
  }

  breakOff(): void {
    this.#outgoing.socket?.resetAndDestroy();
    this.#outgoing.destroy();
  }

  get #isGone(): boolean {
    return this.#outgoing.destroyed || this.#outgoing.socket === null;
  }

  async #drained(): Promise<'gone' | 'stalled' | undefined> {
    const over = new AbortController();
    const { signal } = over;
    const timer = Promise.withResolvers<'stalled'>();
    const timeout = setTimeout(() => timer.resolve('stalled'), this.#stallMs);
    try {
      return await Promise.race([
        once(this.#outgoing, 'drain', { signal }).then(() => undefined, ignoreAbort),
        once(this.#outgoing, 'close', { signal }).then(() => 'gone' as const, ignoreAbort),
        timer.promise,
      ]);
    } finally {
      clearTimeout(timeout);
      over.abort();
    }
  }
}

/** What is not waited for any more ends by its signal; a broken connection is told by its closing. */
const ignoreAbort = (): Promise<never> => new Promise(() => {});
