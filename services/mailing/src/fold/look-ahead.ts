import { EVENTS_STREAM, eventSubjects } from '@herald/contracts';
import { type Broker, loadLastMessage } from '@herald/event-log';
import type { FoldedEvent } from '@herald/postgres';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { findPlanInLog, type PlanInLog } from '../plan/plan-in-log.ts';

/** What the log says, beyond the events that are about to be folded, of the plans that begin or are resolved in them. */
export interface KnownPlans {
  readonly plans: ReadonlyMap<string, PlanInLog>;
  /** How far the log must be folded before what is left of an open plan is decided. */
  readonly until: number;
}

/** So many mailings are looked up side by side. */
const AT_ONCE = 32;

/**
 * Looks ahead in the log, before events are folded that stood there when the fold began: plans of these may have been made
 * before, by this model when it had its tables, or by the one that a rebuild stands beside. What the log holds of a plan
 * counts, and is never cut again. Of events that came later nobody but this fold has made plans.
 */
export class LookAhead {
  readonly #broker: Broker;
  readonly #database: Kysely<Tables>;
  /** Whether another model makes plans from the same events meanwhile. */
  readonly #isBeside: boolean;
  /** How far the log was when the fold began; beside another model, when it was looked at last. */
  #until: Promise<number> | undefined;
  #leaving = new AbortController();
  #known: KnownPlans | undefined;

  constructor(broker: Broker, database: Kysely<Tables>, { isBeside }: { readonly isBeside: boolean }) {
    this.#broker = broker;
    this.#database = database;
    this.#isBeside = isBeside;
  }

  /** What was found for the events that were looked at last. */
  get known(): KnownPlans | undefined {
    return this.#known;
  }

  /** The fold begins, at its checkpoint. */
  begin(): void {
    this.#leaving = new AbortController();
    this.#ask();
  }

  end(): void {
    this.#leaving.abort(new Error('the fold leaves its model'));
  }

  /**
   * @param isBrief the ids of what the log holds of open plans are not looked up: who waits for this knows them otherwise
   * @throws the client's errors when the broker does not answer: nothing may be folded then
   */
  async look(events: readonly FoldedEvent[], isBrief = false): Promise<void> {
    this.#known = undefined;
    if (this.#isBeside && events.some(({ event }) => event.type === 'MailingStarted')) this.#ask();
    const until = await (this.#until ?? this.#ask());
    if (!this.#isBeside && (events[0]?.record.sequence ?? 0) > until) return;
    const wanted = await this.#wanted(events);
    const plans = new Map<string, PlanInLog>();
    for (let first = 0; first < wanted.length; first += AT_ONCE) {
      await Promise.all(
        wanted.slice(first, first + AT_ONCE).map(async ({ id, position }) => {
          const { signal } = this.#leaving;
          plans.set(id, await findPlanInLog(this.#broker, id, { startedAt: position, isBrief, signal }));
        }),
      );
    }
    this.#known = { plans, until };
  }

  #ask(): Promise<number> {
    const asked = lastEntity(this.#broker);
    this.#until = asked;
    // Whoever awaits it hears of a failure; the next one asks again.
    asked.catch(() => {
      if (this.#until === asked) this.#until = undefined;
    });
    return asked;
  }

  /** The mailings that start, and those that are resolved after a look found them open. */
  async #wanted(
    events: readonly FoldedEvent[],
  ): Promise<ReadonlyArray<{ readonly id: string; readonly position: number }>> {
    const started = new Map<string, number>();
    const resolved = new Set<string>();
    for (const { event, record } of events) {
      if (event.type === 'MailingStarted') started.set(event.data.mailing.id, record.sequence);
      if (event.type === 'MailingAudienceResolved') resolved.add(event.data.mailing.id);
    }
    const later = [...resolved].filter((id) => !started.has(id));
    const open = later.length === 0 ? [] : await findOpen(this.#database, later);
    return [...[...started].map(([id, position]) => ({ id, position })), ...open];
  }
}

/** The position of the last event of an entity in the log; 0 where there is none. */
export async function lastEntity(broker: Broker): Promise<number> {
  return (await loadLastMessage(broker, EVENTS_STREAM, eventSubjects.allEntities))?.seq ?? 0;
}

async function findOpen(
  database: Kysely<Tables>,
  mailingIds: readonly string[],
): Promise<ReadonlyArray<{ readonly id: string; readonly position: number }>> {
  const { rows } = await sql<{ id: string; position: number }>`
    select mailing_id as id, position from plan_cut
    where mailing_id = any(${mailingIds}::uuid[]) and first_message_id is null`.execute(database);
  return rows;
}
