import type { JournalEntry, SendRecord } from './entry.ts';
import { type EntryFilter, EntryStore } from './entry-store.ts';
import type { JournalFile } from './journal-file.ts';
import { MessageRegister } from './message-register.ts';
import type { JournalLine } from './read-journal-file.ts';
import { type JournalSummary, Tally } from './tally.ts';

/** Everything that was asked of /v1/send, and which messages the provider has accepted. */
export class Journal {
  readonly #store: EntryStore;
  readonly #register = new MessageRegister();
  #tally = new Tally();
  #file: JournalFile | null = null;

  constructor(limit: number) {
    this.#store = new EntryStore(limit);
  }

  /** From here on every record is written to this file before `record` returns. */
  writeTo(file: JournalFile): void {
    this.#file = file;
  }

  /**
   * Takes a line of an earlier process's journal. When answers were sent is not in the file.
   * @throws where lines are missing in between
   */
  restore(line: JournalLine): void {
    if (!('at' in line)) {
      if (this.#store.markAborted(line.sequence)) this.#tally.addAborted();
      return;
    }
    const expected = this.#store.lastSequence + 1;
    if (expected > 1 && line.sequence !== expected) {
      throw new Error(`the journal goes on with entry ${line.sequence} where ${expected} was expected`);
    }
    this.#remember({ ...line, respondedAt: null, aborted: false });
  }

  /** How many requests of this message id have been recorded. */
  requestsOf(messageId: number): number {
    return this.#register.requestsOf(messageId);
  }

  /** The key has been used for an accepted request with another message id. */
  keyBelongsToAnother(idempotencyKey: string, messageId: number): boolean {
    return this.#register.belongsToAnother(idempotencyKey, messageId);
  }

  /**
   * Records a request; from now on it counts.
   * @returns its sequence
   * @throws where the file cannot be written; then nothing has been recorded
   */
  record(request: SendRecord): number {
    const { messageId } = request;
    const entry: JournalEntry = {
      ...request,
      sequence: this.#store.lastSequence + 1,
      attempt: messageId === null ? 0 : this.#register.requestsOf(messageId) + 1,
      repeat: messageId !== null && this.#register.wasAccepted(messageId),
      respondedAt: null,
      aborted: false,
    };
    this.#file?.appendEntry(entry);
    this.#remember(entry);
    return entry.sequence;
  }

  noteResponded(sequence: number, at: number): void {
    this.#store.markResponded(sequence, at);
  }

  noteAborted(sequence: number): void {
    if (!this.#store.markAborted(sequence)) return;
    this.#tally.addAborted();
    this.#file?.appendAborted(sequence);
  }

  walk(filter: EntryFilter): Generator<JournalEntry> {
    return this.#store.walk(filter);
  }

  get lastSequence(): number {
    return this.#store.lastSequence;
  }

  summary(): JournalSummary {
    return this.#tally.summary();
  }

  /** Forgets entries, counts and accepted ids, in the file as well. Sequences go on. */
  forget(): void {
    this.#file?.truncate();
    this.#store.clear();
    this.#register.clear();
    this.#tally = new Tally();
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #remember(entry: JournalEntry): void {
    this.#store.append(entry);
    this.#tally.add(entry);
    if (entry.messageId !== null) {
      this.#register.add(entry.messageId, entry.accepted, entry.idempotencyKey);
    }
  }
}
