import type { FoldedEvent } from '@herald/postgres';
import { Counter } from 'prom-client';
import type { Parts } from '../parts.ts';
import { readCounts } from '../queries/read-counts.ts';

/**
 * Checks each mailing that is settled: what was planned is the sum of the statuses, and nothing is queued. With several
 * lanes the others may be behind the one that has met the settlement, so a sum that is short is looked at once more.
 */
export class InvariantCheck {
  readonly #parts: Parts;
  readonly #violations: Counter;
  readonly #waiting = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#violations = new Counter({
      name: 'herald_stats_invariant_violations_total',
      help: 'Settled mailings whose planned messages are not the sum of the statuses, or that have queued ones left.',
      registers: [parts.runtime.metrics],
    });
  }

  /** These events were folded. */
  committed(events: readonly FoldedEvent[]): void {
    for (const { event } of events) {
      if (event.type === 'MailingSettled') this.#begin(event.data.mailing.id, true);
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    await Promise.all(this.#underWay);
  }

  #begin(mailingId: string, again: boolean): void {
    const work = this.#check(mailingId, again)
      .catch((error) =>
        this.#parts.runtime.log.warn({ err: error, mailingId }, 'a settled mailing was not checked'),
      )
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #check(mailingId: string, again: boolean): Promise<void> {
    const found = await readCounts(this.#parts.database, mailingId);
    if (found === null) return;
    const { queued, ...ended } = found.counts;
    const sum = Object.values(ended).reduce((total, count) => total + count, 0);
    if (queued === 0 && sum === found.planned) return;
    if (again) {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        this.#begin(mailingId, false);
      }, OTHER_LANES_MS);
      this.#waiting.add(timer);
      return;
    }
    this.#violations.inc();
    this.#parts.runtime.log.error({ mailingId, ...found }, 'a settled mailing does not add up');
  }
}

/** How long the other lanes may be behind, milliseconds. */
const OTHER_LANES_MS = 10_000;
