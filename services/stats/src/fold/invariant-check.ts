import type { FoldedEvent } from '@herald/postgres';
import type { Runtime } from '@herald/service-kit';
import type { Kysely } from 'kysely';
import { Counter, type Registry } from 'prom-client';
import type { Tables } from '../database/tables.ts';
import { readCounts } from '../queries/read-counts.ts';
import { passedByAllLanes } from './passed-by-all-lanes.ts';

/** How often it is looked how far the other lanes are, milliseconds. */
const LOOK_MS = 10_000;

/** Counts settled mailings that do not add up, whichever generation shows it. */
export class InvariantViolations {
  readonly #counter: Counter;

  constructor(metrics: Registry) {
    this.#counter = new Counter({
      name: 'herald_stats_invariant_violations_total',
      help: 'Settled mailings whose planned messages are not the sum of the statuses, or that have queued ones left.',
      registers: [metrics],
    });
  }

  add(): void {
    this.#counter.inc();
  }
}

/** The generation whose settled mailings are judged. */
export interface Judged {
  readonly runtime: Runtime;
  readonly database: Kysely<Tables>;
  readonly lanes: number;
  readonly violations: InvariantViolations;
}

/**
 * Checks each mailing that is settled: what was planned is the sum of the statuses, and nothing is queued. Its outcomes stand
 * in all lanes, and where the log is folded again the others may be minutes behind the one that has met the settlement. So
 * a sum that is short means something only when all of them have passed it.
 */
export class InvariantCheck {
  readonly #judged: Judged;
  /** Settled mailings that did not add up yet, with the position of their settlement. */
  readonly #short = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;
  #stopped = false;

  constructor(judged: Judged, lookMs = LOOK_MS) {
    this.#judged = judged;
    this.#timer = setInterval(() => {
      if (this.#short.size > 0 && !this.#isLooking) this.#begin(() => this.#lookAgain());
    }, lookMs);
  }

  /** These events were folded. */
  committed(events: readonly FoldedEvent[]): void {
    for (const { event, record } of events) {
      if (event.type !== 'MailingSettled') continue;
      const { id } = event.data.mailing;
      this.#begin(async () => {
        if (!(await this.#addsUp(id))) this.#short.set(id, record.sequence);
      });
    }
  }

  /** Waits for what is being asked of the database; the mailings behind that are not judged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  #begin(check: () => Promise<void>): void {
    const work = check()
      .catch((error) => this.#judged.runtime.log.warn({ err: error }, 'a settled mailing was not checked'))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #lookAgain(): Promise<void> {
    this.#isLooking = true;
    try {
      const passed = await passedByAllLanes(this.#judged);
      for (const [mailingId, settledAt] of this.#short) {
        if (this.#stopped) return;
        if (settledAt <= passed) await this.#judge(mailingId);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #judge(mailingId: string): Promise<void> {
    const counts = await this.#findWrong(mailingId);
    this.#short.delete(mailingId);
    if (counts === null) return;
    this.#judged.violations.add();
    this.#judged.runtime.log.error({ mailingId, ...counts }, 'a settled mailing does not add up');
  }

  async #addsUp(mailingId: string): Promise<boolean> {
    return (await this.#findWrong(mailingId)) === null;
  }

  /** @returns what is known of a mailing that does not add up */
  async #findWrong(mailingId: string): Promise<Awaited<ReturnType<typeof readCounts>>> {
    const found = await readCounts(this.#judged.database, mailingId);
    if (found === null) return null;
    const { queued, ...ended } = found.counts;
    const sum = Object.values(ended).reduce((total, count) => total + count, 0);
    return queued === 0 && sum === found.planned ? null : found;
  }
}
