import type { UnfoldedRecord } from './chunk.ts';

/** A fold that cannot go on, since only a newer release can read what comes next. */
export class NewerRecordError extends Error {
  override readonly name = 'NewerRecordError';
  readonly sequence: number;
  constructor({ record, error }: UnfoldedRecord) {
    const reason = error instanceof Error ? error.message : String(error);
    super(`position ${record.sequence} was written by a newer release (${reason}): upgrade this service`);
    this.sequence = record.sequence;
  }
}
