import {
  eventSubjects,
  type Mailing,
  type MailingEventType,
  mailingStatsQuery,
  makeEvent,
  newId,
  statsChangedSubject,
} from '@herald/contracts';
import { someMailing } from '@herald/testkit';
import type { z } from 'zod';
import { playQuery } from './play-query.ts';
import type { GatewayBed } from './use-gateway.ts';

type Stats = NonNullable<z.infer<typeof mailingStatsQuery.reply>['stats']>;

const AT = '2026-01-31T09:00:00.000Z';

/** The statistics service as a gateway sees it: it answers what the test has set, and tells of changes. */
export class PlayedStatistics {
  /** The mailings that were asked for, in order. */
  readonly asked: string[] = [];
  isAway = false;
  /** Waited for before each answer. */
  hold: () => Promise<void> = async () => {};
  readonly #bed: Pick<GatewayBed, 'others'>;
  readonly #stats = new Map<string, Stats>();
  #reads = 0;

  constructor(bed: Pick<GatewayBed, 'others'>) {
    this.#bed = bed;
  }

  start(): Promise<() => Promise<void>> {
    return playQuery(this.#bed.others, mailingStatsQuery, async ({ mailingId }) => {
      this.asked.push(mailingId);
      await this.hold();
      if (this.isAway) throw new Error('away');
      const stats = this.#stats.get(mailingId);
      this.#reads += 1;
      // The log goes on, whatever becomes of this mailing.
      return { stats: stats === undefined ? null : { ...stats, asOf: `${AT}#${this.#reads}` } };
    });
  }

  /** A mailing that runs, in the log and in the statistics. */
  async add(given: Partial<Stats> = {}): Promise<Mailing> {
    const mailing = someMailing({ id: newId(), status: 'running', startedAt: AT });
    await this.append('MailingStarted', mailing);
    this.set(mailing.id, given);
    return mailing;
  }

  async append(type: MailingEventType, mailing: Mailing): Promise<void> {
    const data = { mailing, recentCommands: [] };
    const event = makeEvent({ type, data }, { source: 'test', correlationId: 'test' }, new Date());
    await this.#bed.others.writer.publish(eventSubjects.mailing(mailing.id), JSON.stringify(event));
  }

  /** Sets what is answered, without telling. */
  set(mailingId: string, given: Partial<Stats>): void {
    this.#stats.set(mailingId, {
      ...NOTHING_SENT,
      ...this.#stats.get(mailingId),
      ...given,
      mailing: mailingId,
    });
  }

  setSent(mailingId: string, sent: number): void {
    this.set(mailingId, { counts: { ...NOTHING_SENT.counts, sent, queued: 1_000 - sent } });
  }

  /** Tells of a change. */
  async tell(mailingId: string): Promise<void> {
    const { connection } = this.#bed.others.broker;
    connection.publish(statsChangedSubject(mailingId));
    await connection.flush();
  }
}

const NOTHING_SENT: Stats = {
  mailing: '',
  name: null,
  status: 'running',
  audienceResolved: true,
  planned: 1_000,
  counts: { queued: 1_000, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
  retries: 0,
  firstSentAt: null,
  lastSentAt: null,
  ratePerSecond: null,
  expectedEndAt: null,
  timelineSeconds: 1,
  timeline: [],
  breakdown: null,
  asOf: AT,
};
