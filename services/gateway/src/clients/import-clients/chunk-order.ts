/**
 * Which chunks of one import may be carried out side by side. Those that share a phone must be carried out in the order
 * of the file: the last row of a phone is the one that counts, or the first where duplicates are rejected. Holds the
 * phones of the chunks whose result is awaited, and of the others only the numbers that nobody is known to wait for.
 */
export class ChunkOrder {
  readonly #awaited = new Map<number, ReadonlySet<string>>();
  #unanswered: number[] = [];

  /** Whether a chunk whose result is awaited has one of these phones. */
  isHeldBack(phones: ReadonlySet<string>): boolean {
    for (const awaited of this.#awaited.values()) {
      for (const phone of phones) if (awaited.has(phone)) return true;
    }
    return false;
  }

  /** A chunk is sent, and its result awaited. */
  sent(chunk: number, phones: ReadonlySet<string>): void {
    this.#awaited.set(chunk, phones);
  }

  /** The result of a chunk has come. */
  answered(chunk: number): void {
    this.#awaited.delete(chunk);
  }

  /** The result of a chunk is not awaited any more: whoever carries out the next one must wait for it instead. */
  givenUp(chunk: number): void {
    this.#awaited.delete(chunk);
    this.#unanswered.push(chunk);
  }

  /**
   * The chunks that the next one must be carried out after. They are told once: the chunk after that waits for the next
   * one, and so for them.
   */
  takeUnanswered(): number[] {
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    return unanswered;
  }
}
