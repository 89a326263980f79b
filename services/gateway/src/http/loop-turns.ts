import type { Socket } from 'node:net';

/** How long one piece of work may hold the event loop before it asks again, milliseconds. */
const SLICE_MS = 8;
/** Of how many connections one more piece (64 KiB at the most) is thrown away in one turn. */
const DISCARDED_PER_TURN = 8;
/** So many turns in a row may accept connections and do nothing else that can wait. */
const ACCEPTING_TURNS = 256;

/**
 * Shares the event loop, so that its turns stay short and a health check is answered while there is much to do. Node
 * accepts one connection a turn: with turns of 10 ms the last of 3,000 would wait for half a minute.
 *
 * - Work that takes long (large bodies, the lines of imports) is done in slices, one a turn, first come first served.
 * - What is only read to be thrown away is read in small pieces.
 * - In a turn that has accepted a connection neither is done.
 */
export class LoopTurns {
  readonly #now: () => number;
  readonly #nextTurn: (turn: () => void) => void;
  readonly #waiting: Array<() => void> = [];
  readonly #discarded: Socket[] = [];
  #sliceEndsAt = 0;
  #hasAccepted = false;
  #acceptingTurns = 0;
  #isScheduled = false;

  constructor(
    now: () => number = () => performance.now(),
    nextTurn: (turn: () => void) => void = (turn) => setImmediate(turn),
  ) {
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  noteAccepted(): void {
    this.#hasAccepted = true;
  }

  /** To be awaited before each small step of work that takes long; `undefined` while the present slice lasts. */
  work(): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#now() < this.#sliceEndsAt) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  /** Stops reading a connection until its turn to be thrown away has come. */
  postpone(socket: Socket): void {
    socket.pause();
    this.#discarded.push(socket);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#nextTurn(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const onlyAccepts = this.#hasAccepted && this.#acceptingTurns < ACCEPTING_TURNS;
    this.#hasAccepted = false;
    this.#acceptingTurns = onlyAccepts ? this.#acceptingTurns + 1 : 0;
    if (!onlyAccepts) {
      this.#sliceEndsAt = this.#now() + SLICE_MS;
      this.#waiting.shift()?.();
      for (const socket of this.#discarded.splice(0, DISCARDED_PER_TURN)) socket.resume();
    }
    if (this.#waiting.length + this.#discarded.length > 0) this.#schedule();
  }
}
