import type { EventStream } from './event-stream.ts';
import type { Snapshot } from './snapshot.ts';

/** A mailing that somebody watches. */
export class Topic {
  readonly mailingId: string;
  readonly streams = new Set<EventStream>();
  /** Its streams, and requests that are about to become some. */
  attending = 0;
  /** Null where there is no such mailing; undefined until it was read. */
  snapshot: Snapshot | null | undefined;
  /** Not to be read again before, milliseconds of the steady clock. */
  readableAt = 0;
  /** To be read then even though nothing was heard. */
  lookAt = Number.POSITIVE_INFINITY;
  /** The reading that is under way. */
  reading: Promise<void> | undefined;

  constructor(mailingId: string) {
    this.mailingId = mailingId;
  }

  /** @throws Error before it was read */
  readonly newest = (): Snapshot => {
    if (this.snapshot == null) throw new Error(`nothing was read of mailing ${this.mailingId}`);
    return this.snapshot;
  };
}
