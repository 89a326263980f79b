/** A client may move to another time zone: by then a parked batch is read anew, milliseconds. */
const LOOK_AGAIN_MS = 10 * 60_000;

interface Parked {
  readonly until: number;
  readonly mailingVersion: number;
}

/**
 * Remembers which batches wait for a window, so that one that comes by every minute all night is given back from
 * memory. Only a saving: who remembers nothing reads the batch and finds the same.
 */
export class ParkedBatches {
  readonly #parked = new Map<string, Map<number, Parked>>();

  /** How much longer a batch is parked, milliseconds; 0 when it is not, or its mailing was changed since. */
  leftMs(mailingId: string, batch: number, mailingVersion: number, now: number): number {
    const parked = this.#parked.get(mailingId)?.get(batch);
    if (parked === undefined || parked.mailingVersion !== mailingVersion) return 0;
    return Math.max(0, parked.until - now);
  }

  /** Parks a batch whose first window opens in `untilOpening` milliseconds. */
  park(mailingId: string, batch: number, mailingVersion: number, now: number, untilOpening: number): void {
    let ofMailing = this.#parked.get(mailingId);
    if (ofMailing === undefined) {
      ofMailing = new Map();
      this.#parked.set(mailingId, ofMailing);
    }
    ofMailing.set(batch, { until: now + Math.min(untilOpening, LOOK_AGAIN_MS), mailingVersion });
  }

  /** Forgets a mailing that is open no more. */
  forget(mailingId: string): void {
    this.#parked.delete(mailingId);
  }
}
