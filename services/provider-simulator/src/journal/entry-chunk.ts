import type { JournalEntry } from './entry.ts';

const ACCEPTED = 1;
const REPEAT = 2;
const ABORTED = 4;
const KEY_IS_MESSAGE_ID = 8;

/**
 * A run of journal entries, in columns: about 60 bytes an entry against some 300 as objects, and nothing for
 * the garbage collector to walk. Absent numbers are kept as NaN.
 */
export class EntryChunk {
  readonly firstSequence: number;
  readonly #at: Float64Array;
  readonly #messageId: Float64Array;
  readonly #phone: Float64Array;
  readonly #respondedAt: Float64Array;
  readonly #attempt: Uint32Array;
  readonly #flags: Uint8Array;
  readonly #outcomes: string[] = [];
  readonly #texts: (string | null)[] = [];
  /** Only keys that differ from the message id, by index. */
  readonly #foreignKeys = new Map<number, string>();

  constructor(firstSequence: number, capacity: number) {
    this.firstSequence = firstSequence;
    this.#at = new Float64Array(capacity);
    this.#messageId = new Float64Array(capacity);
    this.#phone = new Float64Array(capacity);
    this.#respondedAt = new Float64Array(capacity);
    this.#attempt = new Uint32Array(capacity);
    this.#flags = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#outcomes.length;
  }

  append(entry: JournalEntry): void {
    const index = this.length;
    const { idempotencyKey: key } = entry;
    const keyIsMessageId = key !== null && key === String(entry.messageId);
    if (key !== null && !keyIsMessageId) this.#foreignKeys.set(index, key);
    this.#at[index] = entry.at;
    this.#messageId[index] = entry.messageId ?? Number.NaN;
    this.#phone[index] = entry.phone ?? Number.NaN;
    this.#respondedAt[index] = entry.respondedAt ?? Number.NaN;
    this.#attempt[index] = entry.attempt;
    this.#flags[index] =
      (entry.accepted ? ACCEPTED : 0) |
      (entry.repeat ? REPEAT : 0) |
      (entry.aborted ? ABORTED : 0) |
      (keyIsMessageId ? KEY_IS_MESSAGE_ID : 0);
    this.#outcomes.push(entry.outcome);
    this.#texts.push(entry.text);
  }

  isAbout(index: number, messageId: number): boolean {
    return this.#messageId[index] === messageId;
  }

  read(index: number): JournalEntry {
    const flags = this.#flags[index] ?? 0;
    const messageId = numberOrNull(this.#messageId[index]);
    const keyIsMessageId = (flags & KEY_IS_MESSAGE_ID) !== 0;
    return {
      sequence: this.firstSequence + index,
      at: this.#at[index] ?? 0,
      messageId,
      phone: numberOrNull(this.#phone[index]),
      text: this.#texts[index] ?? null,
      attempt: this.#attempt[index] ?? 0,
      accepted: (flags & ACCEPTED) !== 0,
      repeat: (flags & REPEAT) !== 0,
      outcome: this.#outcomes[index] ?? '',
      idempotencyKey: keyIsMessageId ? String(messageId) : (this.#foreignKeys.get(index) ?? null),
      respondedAt: numberOrNull(this.#respondedAt[index]),
      aborted: (flags & ABORTED) !== 0,
    };
  }

  markResponded(index: number, at: number): void {
    this.#respondedAt[index] = at;
  }

  markAborted(index: number): void {
    this.#flags[index] = (this.#flags[index] ?? 0) | ABORTED;
  }
}

function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
