import type { JournalEntry } from './entry.ts';

export interface JournalSummary {
  readonly requests: number;
  /** Requests accepted, repeats included. */
  readonly accepted: number;
  /** Messages accepted: what would have been delivered. */
  readonly distinctAccepted: number;
  /** Accepted requests for messages that had been accepted before. */
  readonly repeatedAccepted: number;
  /** Requests whose client left before the answer. */
  readonly aborted: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  /** Epoch milliseconds; null while there is no request. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

/** Counts that stay exact when the entries behind them have been dropped. */
export class Tally {
  #requests = 0;
  #accepted = 0;
  #repeatedAccepted = 0;
  #aborted = 0;
  #firstAt = Number.POSITIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #byOutcome = new Map<string, number>();

  add(entry: JournalEntry): void {
    this.#requests += 1;
    if (entry.accepted) this.#accepted += 1;
    if (entry.accepted && entry.repeat) this.#repeatedAccepted += 1;
    this.#firstAt = Math.min(this.#firstAt, entry.at);
    this.#lastAt = Math.max(this.#lastAt, entry.at);
    this.#byOutcome.set(entry.outcome, (this.#byOutcome.get(entry.outcome) ?? 0) + 1);
  }

  addAborted(): void {
    this.#aborted += 1;
  }

  summary(): JournalSummary {
    return {
      requests: this.#requests,
      accepted: this.#accepted,
      distinctAccepted: this.#accepted - this.#repeatedAccepted,
      repeatedAccepted: this.#repeatedAccepted,
      aborted: this.#aborted,
      byOutcome: Object.fromEntries(this.#byOutcome),
      firstAt: this.#requests === 0 ? null : this.#firstAt,
      lastAt: this.#requests === 0 ? null : this.#lastAt,
    };
  }
}
