import type { DirectRequest } from '../http/direct-answer.ts';

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

type Hindrance = 'gone' | 'stalled';

/**
 * Writes the rest of an answer, as fast as it is taken, and never more than one slice ahead. Of a file that is not whole
 * the connection is reset: without the end of its last chunk nobody takes a part for the whole.
 */
export class FileWriter {
  readonly #request: DirectRequest;
  readonly #gone: AbortSignal;
  readonly #stallMs: number;
  #bytes = 0;

  /**
   * @param gone aborts when the connection is closed
   * @param stallMs how long one slice may take
   */
  constructor(request: DirectRequest, gone: AbortSignal, stallMs: number) {
    this.#request = request;
    this.#gone = gone;
    this.#stallMs = stallMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns why no more can be written, if so */
  async write(text: string): Promise<Hindrance | undefined> {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
      if (this.#gone.aborted) return 'gone';
      const slice = bytes.subarray(from, from + SLICE_BYTES);
      this.#bytes += slice.length;
      if (this.#request.outgoing.write(slice)) continue;
      const hindrance = await this.#drained();
      if (hindrance !== undefined) return hindrance;
    }
    return this.#gone.aborted ? 'gone' : undefined;
  }

  /** @param closes whether the connection takes no further request */
  end(closes: boolean): void {
    const { incoming, outgoing } = this.#request;
    if (this.#gone.aborted) return;
    outgoing.end(() => {
      if (closes) incoming.socket.destroySoon();
    });
  }

  breakOff(): void {
    this.#request.incoming.socket.resetAndDestroy();
  }

  #drained(): Promise<Hindrance | undefined> {
    const { outgoing } = this.#request;
    return new Promise((resolve) => {
      const over = (hindrance: Hindrance | undefined): void => {
        clearTimeout(timer);
        outgoing.off('drain', drained);
        this.#gone.removeEventListener('abort', left);
        resolve(hindrance);
      };
      const drained = (): void => over(undefined);
      const left = (): void => over('gone');
      const timer = setTimeout(() => over('stalled'), this.#stallMs);
      outgoing.once('drain', drained);
      this.#gone.addEventListener('abort', left);
    });
  }
}
