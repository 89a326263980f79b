import { coordinationSubjects } from '@herald/contracts';
import type { Broker } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { BrokerClock } from '../clock/broker-clock.ts';
import { CallPermits } from './call-permits.ts';
import { type BudgetTools, RateBudget } from './rate-budget.ts';
import { RecentCount } from './recent-count.ts';
import type { SharedStore } from './shared-record.ts';

/** What all senders together may ask of the provider. Without any, nothing of this folder runs. */
export interface ProviderLimits {
  /** Calls a second; `null` is no limit. */
  readonly callsPerSecond: number | null;
  /** Calls at once; `null` is no limit. */
  readonly callsAtOnce: number | null;
}

export interface LimitsOptions {
  readonly broker: Pick<Broker, 'onChange'>;
  readonly log: Logger;
  /** Where senders share what is left. */
  readonly coordination: SharedStore;
  readonly brokerClock: BrokerClock;
  /** A name of its own for every life of a process: what its last life held is not its own any more. */
  readonly senderId: string;
  readonly provider: ProviderLimits;
  /** How long one call may take, milliseconds. */
  readonly providerTimeoutMs: number;
  /** Calls at once that this sender has room for. */
  readonly slots: number;
  readonly inFlight: () => number;
  /** Messages whose call could begin now, by mailing. */
  readonly waiting: () => Iterable<Waiting>;
  /** It is worth looking again. */
  readonly onChange: () => void;
}

/** Messages of a mailing that are in hand and could be called for. */
export interface Waiting {
  readonly mailingId: string;
  readonly startable: number;
}

const local = (): number => performance.now();

/**
 * What the senders together may ask of the provider, as this sender's dispatcher sees it: may a call begin, may one of
 * this mailing, one has begun. Nobody waits in it; `onChange` tells when to look again.
 */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #mailings = new Map<string, RateBudget>();
  readonly #begun = new RecentCount();
  readonly #rate: RateBudget | null;
  readonly #permits: CallPermits | null;
  #tools: BudgetTools | undefined;
  #ignoreBroker: () => void = () => {};

  constructor(options: LimitsOptions) {
    const { provider, slots, inFlight, providerTimeoutMs } = options;
    this.#options = options;
    this.#rate =
      provider.callsPerSecond === null
        ? null
        : new RateBudget(this.#start(), coordinationSubjects.providerRate, provider.callsPerSecond, false);
    this.#permits =
      provider.callsAtOnce === null
        ? null
        : new CallPermits(this.#start(), coordinationSubjects.providerCalls, {
            total: provider.callsAtOnce,
            callMs: providerTimeoutMs,
            wanted: () => Math.min(slots, inFlight() + this.#startable(slots)),
            inFlight,
          });
  }

  /** False while nothing limits anything here. */
  get areSet(): boolean {
    return this.#rate !== null || this.#permits !== null || this.#mailings.size > 0;
  }

  /** Calls that are reserved here and have not begun. */
  get reserved(): number {
    let sum = this.#rate?.held ?? 0;
    for (const budget of this.#mailings.values()) sum += budget.held;
    return sum;
  }

  /** Calls at once that this sender holds permits for; `null` without such a limit. */
  get permits(): number | null {
    return this.#permits?.permits ?? null;
  }

  /** A mailing is open with this limit, or none (any more). */
  setMailingLimit(mailingId: string, callsPerSecond: number | null): void {
    const known = this.#mailings.get(mailingId);
    if (callsPerSecond === null) {
      known?.close();
      this.#mailings.delete(mailingId);
    } else if (known !== undefined) {
      known.callsPerSecond = callsPerSecond;
    } else {
      const subject = coordinationSubjects.mailingRate(mailingId);
      const waitsForAnother = this.#rate !== null;
      this.#mailings.set(mailingId, new RateBudget(this.#start(), subject, callsPerSecond, waitsForAnother));
    }
  }

  /** True when a call may begin, of whatever mailing. */
  admitCall(): boolean {
    if (this.#permits !== null && this.#options.inFlight() >= this.#permits.allowed) return false;
    return this.#rate === null || this.#rate.isDue();
  }

  /** True when a call of this mailing may begin. */
  admitMailing(mailingId: string): boolean {
    return this.#mailings.get(mailingId)?.isDue() ?? true;
  }

  /** A call begins; only where both admit it. */
  begin(mailingId: string): void {
    if (this.#tools === undefined) return;
    this.#begun.add(local());
    this.#rate?.begin();
    this.#mailings.get(mailingId)?.begin();
  }

  /** Asks for what the messages that wait will need. To be called after calls have begun, or could not. */
  review(): void {
    if (this.#tools === undefined) return;
    this.#permits?.review();
    const { slots, inFlight, waiting } = this.#options;
    const most = Math.min(slots, this.#permits?.allowed ?? slots);
    // Free slots come back: whoever began many calls lately will begin as many again, and some more.
    const soon = Math.max(most - inFlight(), 2 * this.#begun.read(local()));
    if (this.#mailings.size > 0) {
      for (const { mailingId, startable } of waiting()) {
        this.#mailings.get(mailingId)?.review(() => Math.min(startable, soon));
      }
    }
    this.#rate?.review(() => Math.min(this.#startable(soon), soon));
  }

  async close(): Promise<void> {
    this.#ignoreBroker();
    this.#rate?.close();
    for (const budget of this.#mailings.values()) budget.close();
    await this.#permits?.close();
  }

  /** Up to `enough` messages that only wait for the provider: what its mailing's limit holds back does not. */
  #startable(enough: number): number {
    let sum = 0;
    for (const { mailingId, startable } of this.#options.waiting()) {
      sum += Math.min(startable, this.#mailings.get(mailingId)?.held ?? startable);
      if (sum >= enough) break;
    }
    return sum;
  }

  #start(): BudgetTools {
    if (this.#tools !== undefined) return this.#tools;
    const { broker, coordination, brokerClock: clock, senderId, log, onChange } = this.#options;
    this.#ignoreBroker = broker.onChange(() => this.#forget());
    this.#tools = { coordination, clock, senderId, log, local, onChange };
    return this.#tools;
  }

  /** What was reserved from a broker that went away may be reserved by others once more. */
  #forget(): void {
    this.#rate?.forget();
    for (const budget of this.#mailings.values()) budget.forget();
    this.#permits?.forget();
    this.#options.onChange();
  }
}
