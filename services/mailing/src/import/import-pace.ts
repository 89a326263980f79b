import { KeyedMutex } from '../commands/keyed-mutex.ts';

/** How far the directory may be behind what imports append, before they are slowed down, milliseconds. */
const MOST_BEHIND_MS = 1_000;
/**
 * One chunk of each import is begun in this time all the same, milliseconds: whoever waits for its results must not take
 * us for away.
 */
const TRICKLE_MS = 2_000;
/** What is not folded after this long may never be: a log that was restored has lost its tail, milliseconds. */
const FORGOTTEN_MS = 60_000;
const MOST_APPENDS = 1_000;
/** So many chunks are appended at the same time: two keep the log busy, and more would only be held in memory. */
const MOST_APPENDED_AT_ONCE = 2;
/**
 * So many chunks are inside one instance, as many as one import sends at a time. More would hold their rows in memory, and
 * their deliveries, for nothing but to wait for those two places.
 */
const MOST_INSIDE = 8;
/** What is inside takes longer than this (milliseconds), so no place stays empty for a chunk that was turned away. */
const OFFERED_AGAIN_MS = 500;
/** Chunks that were turned away come back one after another, so far apart (milliseconds): each is sent and read anew. */
const OFFERS_APART_MS = 20;
const LATEST_OFFER_MS = 10_000;

interface Append {
  readonly sequence: number;
  readonly at: number;
}

/**
 * Slows imports down while the directory is too far behind: while something that this instance has appended more than a
 * second ago is not folded yet. Without it one import could keep all changes of the directory from being seen for minutes.
 * Holds one entry for each chunk that was appended and not folded yet.
 */
export class ImportPace {
  #unfolded: Append[] = [];
  /** When imports began a chunk last, within TRICKLE_MS. */
  readonly #begunAt = new Map<string, number>();
  /** How many chunks of each import are inside. */
  readonly #inside = new Map<string, number>();
  /** When the last of the chunks comes again that were turned away. */
  #lastOffer = 0;
  readonly #appending = new KeyedMutex();

  /** Appends the events of a chunk when few others are doing so; answers and fails as the work does. */
  inTurn<Result>(chunk: number, append: () => Promise<Result>): Promise<Result> {
    return this.#appending.run(String(chunk % MOST_APPENDED_AT_ONCE), append);
  }

  /** The events of a chunk stand in the log, up to this position. */
  appended(sequence: number, at: number): void {
    if (this.#unfolded.length < MOST_APPENDS) this.#unfolded.push({ sequence, at });
  }

  /** Whether there is room for one more chunk of an import; always for its first one, or a large import would shut out others. */
  hasRoom(importId: string): boolean {
    if (!this.#inside.has(importId)) return true;
    return [...this.#inside.values()].reduce((sum, count) => sum + count, 0) < MOST_INSIDE;
  }

  /** After how many milliseconds a chunk that found no room is to come again. */
  comesAgainAfter(now: number): number {
    const next = Math.max(now + OFFERED_AGAIN_MS, this.#lastOffer + OFFERS_APART_MS);
    this.#lastOffer = Math.min(next, now + LATEST_OFFER_MS);
    return this.#lastOffer - now;
  }

  /** A chunk that had begun is carried out, or comes again. */
  ended(importId: string): void {
    const left = (this.#inside.get(importId) ?? 0) - 1;
    if (left > 0) this.#inside.set(importId, left);
    else this.#inside.delete(importId);
  }

  /**
   * Whether one more chunk of an import may begin now; if so, it counts as begun, and inside until it has {@link ended}.
   *
   * @param folded the directory's position
   */
  mayBegin(importId: string, folded: number, now: number): boolean {
    this.#unfolded = this.#unfolded.filter(
      ({ sequence, at }) => sequence > folded && now - at < FORGOTTEN_MS,
    );
    for (const [id, at] of this.#begunAt) if (now - at >= TRICKLE_MS) this.#begunAt.delete(id);
    const isTooFast = this.#unfolded.some(({ at }) => now - at > MOST_BEHIND_MS);
    if (isTooFast && this.#begunAt.has(importId)) return false;
    this.#begunAt.set(importId, now);
    this.#inside.set(importId, (this.#inside.get(importId) ?? 0) + 1);
    return true;
  }
}
