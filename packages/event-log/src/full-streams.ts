/**
 * So long without a refusal, after something was stored again, a stream counts as having room, milliseconds: longer than
 * the longest back-off (5 s), so that whoever waited for room has stored what it had.
 */
const ROOM_AFTER_MS = 7_000;

export interface FullStream {
  readonly stream: string;
  readonly reason: string;
}

interface Refused {
  readonly reason: string;
  /** Runs since something was stored again. */
  roomTimer: NodeJS.Timeout | undefined;
}

/**
 * Which streams refuse for want of room, as far as this process was told by the answers to its own publishes. Near a
 * limit small messages are taken and large ones refused: a stream has room again only when nothing was refused for a
 * while, so that the change is told once.
 */
export class FullStreams {
  readonly #refused = new Map<string, Refused>();
  readonly #listeners = new Set<(stream: FullStream, full: boolean) => void>();

  /** Those that are full now. */
  list(): readonly FullStream[] {
    return [...this.#refused].map(([stream, { reason }]) => ({ stream, reason }));
  }

  has(stream: string): boolean {
    return this.#refused.has(stream);
  }

  /** Calls back at every change. Must not throw. */
  onChange(listener: (stream: FullStream, full: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** The stream has refused a message for want of room. */
  refused(stream: string, reason: string): void {
    const known = this.#refused.get(stream);
    if (known !== undefined) {
      clearTimeout(known.roomTimer);
      known.roomTimer = undefined;
      return;
    }
    this.#refused.set(stream, { reason, roomTimer: undefined });
    for (const listener of this.#listeners) listener({ stream, reason }, true);
  }

  /** The stream has stored a message. */
  stored(stream: string): void {
    // Asked for every publish, and empty nearly always.
    if (this.#refused.size === 0) return;
    const known = this.#refused.get(stream);
    if (known === undefined || known.roomTimer !== undefined) return;
    known.roomTimer = setTimeout(() => this.#hasRoom(stream, known.reason), ROOM_AFTER_MS).unref();
  }

  #hasRoom(stream: string, reason: string): void {
    this.#refused.delete(stream);
    for (const listener of this.#listeners) listener({ stream, reason }, false);
  }
}
