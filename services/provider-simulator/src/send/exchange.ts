import type { ServerResponse } from 'node:http';

export interface ExchangeEnd {
  /** `answered`: sent in full; `client-left`: before that; `severed`: the simulator ended it on purpose. */
  readonly how: 'answered' | 'client-left' | 'severed';
  /** What the journal knows it as; null where it ended before it was recorded. */
  readonly sequence: number | null;
}

/**
 * One request to /v1/send, from its arrival to its end, whoever brings it about. The end is told exactly once.
 */
export class Exchange {
  readonly response: ServerResponse;
  #sequence: number | null = null;
  #severed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(response: ServerResponse, onEnd: (exchange: Exchange, end: ExchangeEnd) => void) {
    this.response = response;
    // One listener for all cases: 'close' comes after 'finish', and also where nothing was ever finished.
    response.once('close', () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
      onEnd(this, { how: this.#howItEnded(), sequence: this.#sequence });
    });
  }

  /** The client is gone, or the connection has been cut: nothing can be answered any more. */
  get isOver(): boolean {
    return this.response.closed;
  }

  get isSevered(): boolean {
    return this.#severed;
  }

  recordedAs(sequence: number): void {
    this.#sequence = sequence;
  }

  /** Runs the step after so many milliseconds, unless the exchange ends before. At 0 it runs at once. */
  after(milliseconds: number, step: () => void): void {
    if (this.isOver) return;
    if (milliseconds <= 0) step();
    else this.#timer = setTimeout(step, milliseconds);
  }

  /** From here on a closed connection is the simulator's doing, and not a client that left. */
  expectSevering(): void {
    this.#severed = true;
  }

  #howItEnded(): ExchangeEnd['how'] {
    if (this.response.writableFinished) return 'answered';
    return this.#severed ? 'severed' : 'client-left';
  }
}
