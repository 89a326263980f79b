import type { EventType } from '@herald/contracts';
import { settlementDue } from '@herald/domain';
import type { FoldedEvent } from '@herald/postgres';
import { sql } from 'kysely';
import { advanceMailing } from '../mailings/advance-mailing.ts';
import type { Parts } from '../parts.ts';
import { publishPlan, type UnresolvedPlan } from './publish-plan.ts';

interface DuePlan extends UnresolvedPlan {
  readonly resolved: boolean;
}

/** How many mailings are published or settled side by side. */
const CONCURRENCY = 8;
const RETRY_MS = 500;

/**
 * Carries plans from the database into the log: publishes the batches of those that are not resolved, and settles those
 * whose batches are all completed. What is due is looked up after the fold has written something that can make it due,
 * so nothing is lost by a crash and nothing is polled. Runs where the fold runs.
 */
export class PlanRunner {
  readonly #parts: Parts;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Mailings whose event is appended and not folded yet, with its position: until then they look undone. */
  readonly #unfolded = new Map<string, number>();
  /** Mailings that could not be carried on and rest: those that never can must not take the turns of all others. */
  readonly #resting = new Set<string>();
  #folded = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #active = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** This instance folds now: what was left undone by another is looked up. */
  activate(): void {
    this.#active = true;
    this.#unfolded.clear();
    this.#look();
  }

  deactivate(): void {
    this.#active = false;
  }

  /** The fold has written these events. */
  committed(events: readonly FoldedEvent[]): void {
    this.#folded = events.at(-1)?.record.sequence ?? this.#folded;
    for (const [id, sequence] of this.#unfolded) if (sequence <= this.#folded) this.#unfolded.delete(id);
    if (events.some(({ event }) => MAKES_DUE.has(event.type))) this.#look();
  }

  /** Begins nothing further and waits for what is under way. */
  async stop(): Promise<void> {
    this.#active = false;
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#lookAgain && this.#active) {
      this.#lookAgain = false;
      try {
        for (const plan of await this.#due()) this.#begin(plan);
      } catch (error) {
        this.#parts.runtime.log.warn({ err: error }, 'plans cannot be looked up now');
        this.#lookLater();
        return;
      }
    }
  }

  #lookLater(): void {
    setTimeout(() => this.#active && this.#look(), RETRY_MS).unref();
  }

  async #due(): Promise<readonly DuePlan[]> {
    const free = CONCURRENCY - this.#underWay.size;
    if (free <= 0) return [];
    const { rows } = await sql<DuePlan>`
      select mailing_id, batches, messages, correlation_id, resolved from plan
      where not settled and (not resolved or completed >= batches)
        and mailing_id <> all(${[...this.#underWay.keys(), ...this.#unfolded.keys(), ...this.#resting]}::uuid[])
      order by mailing_id limit ${free}`.execute(this.#parts.database);
    return rows;
  }

  #begin(plan: DuePlan): void {
    const work = this.#carry(plan).then(
      (sequence) => {
        this.#underWay.delete(plan.mailing_id);
        if (sequence > this.#folded) this.#unfolded.set(plan.mailing_id, sequence);
        this.#look();
      },
      (error) => {
        this.#parts.runtime.log.warn({ err: error, mailingId: plan.mailing_id }, 'a plan is tried again');
        this.#underWay.delete(plan.mailing_id);
        this.#rest(plan.mailing_id);
        this.#look();
      },
    );
    this.#underWay.set(plan.mailing_id, work);
  }

  #rest(mailingId: string): void {
    this.#resting.add(mailingId);
    setTimeout(() => {
      this.#resting.delete(mailingId);
      if (this.#active) this.#look();
    }, RETRY_MS).unref();
  }

  /** @returns the position from which on the log has what was due */
  async #carry(plan: DuePlan): Promise<number> {
    if (!plan.resolved) return publishPlan(this.#parts, plan);
    const settled = await advanceMailing(this.#parts, plan.mailing_id, settlementDue);
    if (settled.appended !== null)
      this.#parts.runtime.log.info({ mailingId: plan.mailing_id }, 'the mailing is settled');
    return settled.sequence;
  }
}

const MAKES_DUE: ReadonlySet<EventType> = new Set<EventType>([
  'MailingStarted',
  'MailingAudienceResolved',
  'BatchCompleted',
  'MailingSettled',
]);
