import type { MessageStatus } from '@herald/contracts';
import { type EndStatus, numberOf, STATUSES, statusOf } from './statuses.ts';

/**
 * What is stored of one message beside its batch: status 1 byte, attempts 3, the end's milliseconds since 1970 6, the
 * position of the last record that changed it 5. Two versions of a batch of the greatest size fit a page of PostgreSQL, so an
 * update stays in it.
 */
export const OUTCOME_BYTES = 15;
/** The bits of the first byte that hold the status. */
export const STATUS_BITS = 0b0000_0111;
/** The bit of the first byte that says that `message_error` has a row for the message. */
export const ERROR_BIT = 0b1000_0000;

/** As many attempts as three bytes hold: one each second for half a year. */
export const MOST_ATTEMPTS = 2 ** 24 - 1;

const ATTEMPTS_AT = 1;
const ATTEMPTS_BYTES = 3;
const ENDED_AT = 4;
const ENDED_BYTES = 6;
/** Where the position begins in the bytes of a message. */
export const POSITION_AT = 10;
const POSITION_BYTES = 5;

/** What became of one message so far. */
export interface StoredOutcome {
  readonly status: MessageStatus;
  readonly attempts: number;
  readonly endedAt: Date | null;
  /** Where the log says so; 0 where nothing has happened. */
  readonly position: number;
}

/** Reads what is stored of one message; null where nothing has happened to its batch yet. */
export function readOutcome(bytes: Buffer | null): StoredOutcome {
  if (bytes === null) return { status: 'queued', attempts: 0, endedAt: null, position: 0 };
  const status = statusOf(bytes.readUInt8(0) & STATUS_BITS);
  return {
    status,
    attempts: bytes.readUIntBE(ATTEMPTS_AT, ATTEMPTS_BYTES),
    endedAt: status === 'queued' ? null : new Date(bytes.readUIntBE(ENDED_AT, ENDED_BYTES)),
    position: bytes.readUIntBE(POSITION_AT, POSITION_BYTES),
  };
}

/**
 * What became of the messages of one batch, as it stands in `batch_outcomes.outcomes`: a record of fixed length for
 * each, in their order. The fold changes the bytes in place, so that nothing is converted on the way in or out.
 */
export class BatchOutcomes {
  readonly bytes: Buffer;

  /** @param bytes as they were stored; changed in place */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** A batch of which nothing has happened yet. */
  static none(messages: number): BatchOutcomes {
    return new BatchOutcomes(Buffer.alloc(messages * OUTCOME_BYTES));
  }

  isQueued(place: number): boolean {
    return (this.bytes.readUInt8(place * OUTCOME_BYTES) & STATUS_BITS) === QUEUED;
  }

  hasError(place: number): boolean {
    return (this.bytes.readUInt8(place * OUTCOME_BYTES) & ERROR_BIT) !== 0;
  }

  attempts(place: number): number {
    return this.bytes.readUIntBE(place * OUTCOME_BYTES + ATTEMPTS_AT, ATTEMPTS_BYTES);
  }

  /** @throws RangeError for more than {@link MOST_ATTEMPTS} */
  setAttempts(place: number, attempts: number): void {
    this.bytes.writeUIntBE(attempts, place * OUTCOME_BYTES + ATTEMPTS_AT, ATTEMPTS_BYTES);
  }

  /** @param position of the record that changed the message. @throws RangeError beyond 2^40 - 1 */
  setPosition(place: number, position: number): void {
    this.bytes.writeUIntBE(position, place * OUTCOME_BYTES + POSITION_AT, POSITION_BYTES);
  }

  setHasError(place: number, hasError: boolean): void {
    const offset = place * OUTCOME_BYTES;
    const status = this.bytes.readUInt8(offset) & STATUS_BITS;
    this.bytes.writeUInt8(hasError ? status | ERROR_BIT : status, offset);
  }

  /** @param at milliseconds since 1970. @throws RangeError for what is no such time */
  end(place: number, status: EndStatus, at: number): void {
    const offset = place * OUTCOME_BYTES;
    if (!Number.isSafeInteger(at)) throw new RangeError(`${at} is no moment`);
    const error = this.bytes.readUInt8(offset) & ERROR_BIT;
    this.bytes.writeUIntBE(at, offset + ENDED_AT, ENDED_BYTES);
    this.bytes.writeUInt8(numberOf(status) | error, offset);
  }

  /** How many messages stand in each status, in the order of {@link STATUSES}. */
  counts(): number[] {
    const counts = STATUSES.map(() => 0);
    for (let offset = 0; offset < this.bytes.length; offset += OUTCOME_BYTES) {
      const number = this.bytes.readUInt8(offset) & STATUS_BITS;
      counts[number] = (counts[number] ?? 0) + 1;
    }
    return counts;
  }
}

const QUEUED = numberOf('queued');
