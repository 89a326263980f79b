import { eventSubjects } from '@herald/contracts';
import { type Broker, loadLast, UnreadableEventError } from '@herald/event-log';
import type { ClientOf } from './proof.ts';

/** So many batches are remembered (250 ids each): outcomes of a batch stand near each other in the log. */
const MOST_BATCHES = 128;

interface Batch {
  readonly firstMessageId: number;
  readonly clientIds: readonly string[];
}

/** Whom the messages of a mailing's batches are for, read from the log when it is asked for. */
export class BatchClients {
  readonly #broker: Broker;
  readonly #mailingId: string;
  /** In the order in which they were used last. */
  readonly #batches = new Map<number, Batch | null>();

  constructor(broker: Broker, mailingId: string) {
    this.#broker = broker;
    this.#mailingId = mailingId;
  }

  /** Has these batches at hand, {@link MOST_BATCHES} at the most. @throws the client's errors */
  async prepare(batches: Iterable<number>): Promise<ClientOf> {
    await Promise.all([...new Set(batches)].map((batch) => this.#load(batch)));
    while (this.#batches.size > MOST_BATCHES) {
      const [oldest] = this.#batches.keys();
      if (oldest !== undefined) this.#batches.delete(oldest);
    }
    return (batch, messageId) => {
      const known = this.#batches.get(batch);
      return known?.clientIds[messageId - known.firstMessageId] ?? null;
    };
  }

  async #load(batch: number): Promise<void> {
    const known = this.#batches.get(batch);
    const found = known === undefined ? await this.#read(batch) : known;
    this.#batches.delete(batch);
    this.#batches.set(batch, found);
  }

  async #read(batch: number): Promise<Batch | null> {
    try {
      const last = await loadLast(this.#broker, eventSubjects.queued(this.#mailingId, batch));
      return last?.event.type === 'MessagesQueued' ? last.event.data : null;
    } catch (error) {
      // Whose it was is not told then; when its calls began is.
      if (error instanceof UnreadableEventError) return null;
      throw error;
    }
  }
}
