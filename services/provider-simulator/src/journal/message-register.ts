const ACCEPTED = 1;
const ONE_REQUEST = 2;

/**
 * What must stay known of every message id, also when its entries are dropped: how many requests came and
 * whether one was accepted, packed into one small integer. A Map holds at most 2^24 (16.7 million) ids.
 */
export class MessageRegister {
  readonly #messages = new Map<number, number>();
  /** Only keys that differ from the message id; the usual ones need no memory. */
  readonly #foreignKeys = new Map<string, number>();

  requestsOf(messageId: number): number {
    return (this.#messages.get(messageId) ?? 0) >> 1;
  }

  wasAccepted(messageId: number): boolean {
    return ((this.#messages.get(messageId) ?? 0) & ACCEPTED) !== 0;
  }

  /** The key has been used for an accepted request with another message id. */
  belongsToAnother(idempotencyKey: string, messageId: number): boolean {
    const owner = this.#foreignKeys.get(idempotencyKey);
    return owner !== undefined && owner !== messageId;
  }

  add(messageId: number, accepted: boolean, idempotencyKey: string | null): void {
    const known = this.#messages.get(messageId) ?? 0;
    this.#messages.set(messageId, (known + ONE_REQUEST) | (accepted ? ACCEPTED : 0));
    if (accepted && idempotencyKey !== null && idempotencyKey !== String(messageId)) {
      this.#foreignKeys.set(idempotencyKey, messageId);
    }
  }

  clear(): void {
    this.#messages.clear();
    this.#foreignKeys.clear();
  }
}
