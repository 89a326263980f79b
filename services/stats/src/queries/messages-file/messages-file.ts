import { FILE_PIECE_BYTES, type messagesFileQuery } from '@herald/contracts';
import type { z } from 'zod';
import type { Dependencies } from '../../dependencies.ts';
import { inServed } from '../../generations/in-served.ts';
import { headOf, lineOf } from './message-lines.ts';
import { BATCHES_AT_ONCE, messageAt, readBatches, type WholeBatch } from './read-batches.ts';

type Request = z.infer<typeof messagesFileQuery.request>;

/** So often batches are read for one piece: where hardly one message has the status, 8,000 batches are no reason for one long view. */
const MOST_READS = 32;

/**
 * The next piece of a file of a mailing's messages. Each piece is a view of its own: whoever takes the file slowly, or stops
 * taking it, holds no transaction. So a message stands there as it was when its piece was read.
 */
export function messagesFile(
  { database }: Dependencies,
  request: Request,
): Promise<z.infer<typeof messagesFileQuery.reply>> {
  return inServed(database, async (transaction) => {
    const piece = new Piece(request);
    for (let reads = 0; reads < MOST_READS; reads += 1) {
      const { mailingId, status } = request;
      const batches = await readBatches(transaction, { mailingId, status, firstId: piece.after + 1 });
      for (const batch of batches) {
        if (!piece.take(batch)) return { text: piece.text, next: piece.after };
      }
      if (batches.length < BATCHES_AT_ONCE) return { text: piece.text, next: null };
    }
    return { text: piece.text, next: piece.after };
  });
}

/** Gathers lines up to the size of a piece. */
class Piece {
  /** The last message that was looked at. */
  after: number;
  readonly #request: Request;
  readonly #lines: string[];
  #bytes: number;

  constructor(request: Request) {
    this.#request = request;
    this.after = request.after ?? 0;
    const head = request.after === null ? headOf(request.format) : '';
    this.#lines = [head];
    this.#bytes = head.length;
  }

  get text(): string {
    return this.#lines.join('');
  }

  /** @returns false when not all of the batch has found room */
  take(batch: WholeBatch): boolean {
    const { mailingId, status, format } = this.#request;
    for (let id = Math.max(batch.firstId, this.after + 1); id <= batch.lastId; id += 1) {
      const message = messageAt(batch, mailingId, id);
      if (status === undefined || message.status === status) {
        const line = lineOf(message, format);
        // All but the words of a provider is ASCII.
        const bytes = message.error === null ? line.length : Buffer.byteLength(line);
        if (this.#bytes + bytes > FILE_PIECE_BYTES) return false;
        this.#bytes += bytes;
        this.#lines.push(line);
      }
      this.after = id;
    }
    return true;
  }
}
