import type { ServerResponse } from 'node:http';
import { endEventOf, type Snapshot } from './snapshot.ts';

export interface EventStreamOptions {
  readonly outgoing: ServerResponse;
  /** The newest statistics, at the time at which there is room to write them. */
  readonly newest: () => Snapshot;
  /** The statistics that its reader has already. */
  readonly seen: string | undefined;
  /** When it ends by itself, milliseconds of the steady clock. */
  readonly endsAt: number;
  readonly heartbeatMs: number;
  /** So much time (milliseconds) must lie between two events. */
  readonly betweenMs: number;
  /** The reader has taken what was written: there may be something newer. */
  readonly onRoom: () => void;
  readonly now: () => number;
}

const HEARTBEAT = Buffer.from(':\n\n');

/**
 * One reader's stream of events. It holds no event: when there is room it writes what is newest then, so a reader that is
 * slow misses what lay between.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  #seen: string | undefined;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #eventAt = Number.NEGATIVE_INFINITY;
  #isBlocked = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#seen = options.seen;
    options.outgoing.on('drain', () => {
      this.#isBlocked = false;
      options.onRoom();
    });
  }

  /** Whether something is to be written that may be written now. */
  get isDue(): boolean {
    const { now, heartbeatMs, betweenMs } = this.#options;
    if (!this.#canWrite) return false;
    if (this.#hasNews) return now() >= this.#eventAt + betweenMs;
    return now() >= this.#wroteAt + heartbeatMs;
  }

  /** Whether there is something new, to be written now or later. */
  get isPending(): boolean {
    return this.#canWrite && this.#hasNews;
  }

  /** Whether it has been open for as long as it may. */
  get isWorn(): boolean {
    return this.#options.now() >= this.#options.endsAt;
  }

  get #canWrite(): boolean {
    const { outgoing } = this.#options;
    return !(this.#isBlocked || outgoing.destroyed || outgoing.writableEnded);
  }

  get #hasNews(): boolean {
    const { id, isOver } = this.#options.newest();
    return isOver || id !== this.#seen;
  }

  /** Writes the newest event that its reader has not seen, or a heartbeat where there is none. @returns how many bytes */
  write(): number {
    const { newest, now } = this.#options;
    const snapshot = newest();
    const isNew = snapshot.id !== this.#seen;
    const bytes = isNew ? snapshot.event : HEARTBEAT;
    this.#seen = snapshot.id;
    this.#wroteAt = now();
    if (isNew) this.#eventAt = this.#wroteAt;
    this.#isBlocked = !this.#options.outgoing.write(bytes);
    if (snapshot.isOver) this.#options.outgoing.end(endEventOf(snapshot));
    return bytes.length;
  }

  /** Ends it without a word: its reader comes again. */
  end(): void {
    const { outgoing } = this.#options;
    if (!(outgoing.destroyed || outgoing.writableEnded)) outgoing.end();
  }
}
