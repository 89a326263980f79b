import type { EventType } from '@herald/contracts';
import { settlementDue } from '@herald/domain';
import type { FoldedEvent } from '@herald/postgres';
import { KeyedMutex } from '../commands/keyed-mutex.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlansFound } from '../fold/mailing-changes.ts';
import { advanceMailing } from '../mailings/advance-mailing.ts';
import { CONCURRENCY, choosePlans } from './choose-plans.ts';
import { forgetClientsBefore } from './clients-before.ts';
import { completePlan } from './complete-plan.ts';
import { cutPage } from './cut-page.ts';
import { type DuePlan, findDue, findOpenUntil } from './find-due.ts';
import { type PublishProgress, publishPlan } from './publish-plan.ts';
import { PAGE_BATCHES } from './write-batches.ts';

interface PlanProgress extends PublishProgress {
  /** How many batches the next page has at most. */
  pageBatches: number;
  /** It was not cut when it was first begun. If it fails after its last page is cut, it comes back as a small one. */
  readonly wasLarge: boolean;
}

const RETRY_MS = 500;
const MOST_REMEMBERED = 1_000;

/**
 * Carries plans from the database into the log: cuts and publishes the batches of those that are not resolved, and settles
 * those whose batches are all completed. What is due is looked up after the fold has written something that can make it due,
 * so nothing is lost by a crash and nothing is polled. Runs where the fold runs.
 */
export class PlanRunner {
  readonly #dependencies: Dependencies;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Those of them that were not cut when they were begun. */
  readonly #largeUnderWay = new Set<string>();
  /** Mailings whose event is appended and not folded yet, with its position: until then they look undone. */
  readonly #unfolded = new Map<string, number>();
  /** Mailings that could not be carried on and rest: those that never can must not take the turns of all others. */
  readonly #resting = new Set<string>();
  /** Those that failed last time, the one that failed longest ago first: they come behind all others. */
  readonly #failed = new Set<string>();
  readonly #progress = new Map<string, PlanProgress>();
  /** What was found to be folded when a plan was carried last. */
  readonly #foldedAt = new Map<string, number>();
  /** One page is cut at a time: plans take turns, and the fold keeps its share of the database. */
  readonly #cutting = new KeyedMutex();
  #folded = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #active = false;
  #leaving = new AbortController();
  #forgetting: Promise<void> | undefined;
  #forgetAgain = false;
  #found: PlansFound = NOTHING_FOUND;
  /** Where the fold must be for the next open plan to be due. */
  #openUntil: number | undefined;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** This instance folds now: what was left undone by another is looked up. */
  activate(): void {
    this.#active = true;
    this.#leaving = new AbortController();
    this.#unfolded.clear();
    this.#failed.clear();
    this.#progress.clear();
    this.#look();
    this.#forget();
  }

  deactivate(): void {
    this.#active = false;
    this.#leaving.abort(new Error('another instance carries the plans'));
  }

  /** Told what comes up in what the fold is about to commit. */
  found({ endsCuts, allCompleted }: PlansFound): void {
    this.#found = {
      endsCuts: this.#found.endsCuts || endsCuts,
      allCompleted: this.#found.allCompleted || allCompleted,
    };
  }

  /** The fold has written these events. */
  committed(events: readonly FoldedEvent[]): void {
    this.#folded = events.at(-1)?.record.sequence ?? this.#folded;
    let isNews = this.#found.allCompleted || events.some(({ event }) => MAKES_DUE.has(event.type));
    for (const [id, sequence] of this.#unfolded) {
      // What made it due may have been folded, and looked at in vain, before this.
      if (sequence <= this.#folded && this.#unfolded.delete(id)) isNews = true;
    }
    const { endsCuts } = this.#found;
    this.#found = NOTHING_FOUND;
    if (isNews || (this.#openUntil !== undefined && this.#folded >= this.#openUntil)) this.#look();
    if (endsCuts) this.#forget();
  }

  /** What the database holds of plans was changed by another than the fold. */
  lookAgain(): void {
    if (!this.#active) return;
    this.#look();
    this.#forget();
  }

  /** Begins nothing further and waits for what is under way: at most a page of each plan. */
  async stop(): Promise<void> {
    this.deactivate();
    await this.#looking;
    await Promise.all(this.#underWay.values());
    await this.#forgetting;
  }

  /** What was kept for plans that are cut is deleted. */
  #forget(): void {
    this.#forgetAgain = true;
    this.#forgetting ??= this.#forgetWhileAsked().finally(() => {
      this.#forgetting = undefined;
    });
  }

  async #forgetWhileAsked(): Promise<void> {
    while (this.#forgetAgain && this.#active) {
      this.#forgetAgain = false;
      const { signal } = this.#leaving;
      const { database, runtime } = this.#dependencies;
      try {
        await forgetClientsBefore(database, signal);
      } catch (error) {
        // Whoever became active again meanwhile has asked again.
        if (signal.aborted) continue;
        runtime.log.warn({ err: error }, 'rows kept for plans stay until the next large one is cut');
        return;
      }
    }
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
        this.#dependencies.runtime.log.warn({ err: error }, 'plans cannot be looked up now');
        this.#lookLater();
        return;
      }
    }
  }

  #lookLater(): void {
    setTimeout(() => this.#active && this.#look(), RETRY_MS).unref();
  }

  async #due(): Promise<readonly DuePlan[]> {
    const large = this.#largeUnderWay.size;
    const underWay = { small: this.#underWay.size - large, large };
    if (underWay.small + large >= CONCURRENCY) return [];
    const { database } = this.#dependencies;
    // Asked first: what the fold reaches meanwhile is among those that are due.
    this.#openUntil = await findOpenUntil(database);
    const left = [...this.#underWay.keys(), ...this.#unfolded.keys(), ...this.#resting];
    return choosePlans(await findDue(database, left, [...this.#failed]), underWay);
  }

  #begin(plan: DuePlan): void {
    const { signal } = this.#leaving;
    if (plan.batches_cut !== null) this.#largeUnderWay.add(plan.mailing_id);
    const work = this.#carry(plan, signal).then(
      (sequence) => {
        this.#end(plan);
        const wasLarge = this.#progress.get(plan.mailing_id)?.wasLarge;
        this.#progress.delete(plan.mailing_id);
        this.#failed.delete(plan.mailing_id);
        if (sequence > this.#folded) this.#unfolded.set(plan.mailing_id, sequence);
        else this.#noteFolded(plan.mailing_id, sequence);
        if (wasLarge || (plan.batches_cut !== null && !plan.open)) this.#forget();
        this.#look();
      },
      (error) => {
        this.#end(plan);
        if (!signal.aborted) {
          this.#dependencies.runtime.log.warn(
            { err: error, mailingId: plan.mailing_id },
            'a plan is tried again',
          );
          this.#rest(plan.mailing_id);
        }
        this.#look();
      },
    );
    this.#underWay.set(plan.mailing_id, work);
  }

  /**
   * What was due is folded by now. If it still is due, the event was parked: nothing can be done about it here, and it rests, or it
   * would be looked at without an end.
   */
  #noteFolded(mailingId: string, sequence: number): void {
    if (this.#foldedAt.get(mailingId) === sequence) this.#rest(mailingId);
    else this.#foldedAt.set(mailingId, sequence);
    if (this.#foldedAt.size > MOST_REMEMBERED) this.#foldedAt.clear();
  }

  #end({ mailing_id: id }: DuePlan): void {
    this.#underWay.delete(id);
    this.#largeUnderWay.delete(id);
  }

  #rest(mailingId: string): void {
    this.#resting.add(mailingId);
    this.#failed.delete(mailingId);
    this.#failed.add(mailingId);
    setTimeout(() => {
      this.#resting.delete(mailingId);
      if (this.#active) this.#look();
    }, RETRY_MS).unref();
  }

  /** @returns the position from which on the log has what was due */
  async #carry(plan: DuePlan, signal: AbortSignal): Promise<number> {
    if (plan.open) {
      this.#progress.delete(plan.mailing_id);
      await this.#cutting.run('', () => completePlan(this.#dependencies, plan.mailing_id, signal));
      // It is due again, as it is then.
      return 0;
    }
    if (!plan.resolved) {
      const progress = this.#progress.get(plan.mailing_id) ?? beginOf(plan);
      this.#progress.set(plan.mailing_id, progress);
      return publishPlan(this.#dependencies, plan, progress, () => this.#cut(plan, progress, signal), signal);
    }
    const settled = await advanceMailing(this.#dependencies, plan.mailing_id, settlementDue);
    if (settled.appended !== null)
      this.#dependencies.runtime.log.info({ mailingId: plan.mailing_id }, 'the mailing is settled');
    return settled.sequence;
  }

  #cut(plan: DuePlan, progress: PlanProgress, signal: AbortSignal): Promise<number | null> {
    return this.#cutting.run('', async () => {
      signal.throwIfAborted();
      const size = progress.pageBatches;
      // If this page fails, perhaps since it takes too long, the next try is smaller.
      progress.pageBatches = Math.max(1, size >> 1);
      const batchesCut = await cutPage(this.#dependencies.database, plan.mailing_id, size);
      progress.pageBatches = Math.min(PAGE_BATCHES, size * 2);
      return batchesCut;
    });
  }
}

const beginOf = (plan: DuePlan): PlanProgress => ({
  published: 0,
  next: 0,
  pageBatches: PAGE_BATCHES,
  wasLarge: plan.batches_cut !== null,
});

const NOTHING_FOUND: PlansFound = { endsCuts: false, allCompleted: false };

const MAKES_DUE: ReadonlySet<EventType> = new Set<EventType>([
  'MailingStarted',
  'MailingAudienceResolved',
  'MailingSettled',
]);
