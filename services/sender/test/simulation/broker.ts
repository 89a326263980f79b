import type { EventBody, EventData } from '@herald/contracts';
import type { Schedule } from './schedule.ts';

export const ACK_WAIT_MS = 30_000;

export type OutcomeEvent = EventBody<
  | 'MessageSent'
  | 'MessageFailed'
  | 'MessageRetried'
  | 'MessageUndecided'
  | 'MessageUnknown'
  | 'MessagesExpired'
  | 'MessagesCancelled'
>;

interface StoredClaim {
  readonly owner: string;
  readonly held: boolean;
  readonly storedAt: number;
  readonly sequence: number;
}

/** One batch as the broker has it: its outcomes, its claim, and where its delivery stands. */
interface Slot {
  readonly queued: EventData<'MessagesQueued'>;
  readonly outcomes: Array<{ readonly at: number; readonly body: OutcomeEvent }>;
  completedAt: number | null;
  claim: StoredClaim | null;
  acknowledged: boolean;
  /** When it is delivered (again) at the earliest; `now` or before: it is due. */
  dueAt: number;
}

/** A request for work that stands. */
interface Request {
  readonly deliver: (batch: number) => void;
}

/**
 * The broker: outcomes in the order in which they arrive, claims by compare-and-set, and a consumer that acts by
 * sequence, whoever speaks, as the real one does.
 */
export class SimulatedBroker {
  readonly slots: Slot[];
  readonly #schedule: Schedule;
  readonly #requests = new Set<Request>();
  readonly #onCompleted: () => void;
  #sequence = 0;

  constructor(schedule: Schedule, batches: readonly EventData<'MessagesQueued'>[], onCompleted: () => void) {
    this.#schedule = schedule;
    this.#onCompleted = onCompleted;
    this.slots = batches.map((queued) => ({
      queued,
      outcomes: [],
      completedAt: null,
      claim: null,
      acknowledged: false,
      dueAt: 0,
    }));
  }

  get isThrough(): boolean {
    return this.slots.every((slot) => slot.completedAt !== null);
  }

  slot(batch: number): Slot {
    const slot = this.slots[batch];
    if (slot === undefined) throw new Error(`no batch ${batch}`);
    return slot;
  }

  append(batch: number, body: OutcomeEvent): void {
    this.slot(batch).outcomes.push({ at: this.#schedule.now, body });
  }

  /** Only the first one lands. */
  complete(batch: number): void {
    const slot = this.slot(batch);
    slot.completedAt ??= this.#schedule.now;
    this.#onCompleted();
  }

  /** @returns the new sequence, or `null` where the expected one was not the last */
  claim(batch: number, owner: string, held: boolean, expected: number): number | null {
    const slot = this.slot(batch);
    if ((slot.claim?.sequence ?? 0) !== expected) return null;
    this.#sequence += 1;
    slot.claim = { owner, held, storedAt: this.#schedule.now, sequence: this.#sequence };
    return this.#sequence;
  }

  /** Asks for one delivery. */
  request(request: Request): void {
    this.#requests.add(request);
    this.#deliver();
  }

  /** The connection that asked is gone. */
  withdraw(request: Request): void {
    this.#requests.delete(request);
  }

  acknowledge(batch: number): void {
    this.slot(batch).acknowledged = true;
  }

  renew(batch: number): void {
    const slot = this.slot(batch);
    if (slot.dueAt > this.#schedule.now) this.#dueIn(slot, ACK_WAIT_MS);
  }

  giveBack(batch: number, delayMs: number): void {
    const slot = this.slot(batch);
    if (slot.dueAt > this.#schedule.now) this.#dueIn(slot, delayMs);
  }

  /** A clock that jumps: what is delivered comes again, although its holder has it. */
  redeliverEarly(batch: number): void {
    this.#dueIn(this.slot(batch), 0);
  }

  /** The consumer's state is lost: everything is delivered again as new, also what was acknowledged. */
  forget(): void {
    this.#requests.clear();
    for (const slot of this.slots) {
      slot.acknowledged = false;
      this.#dueIn(slot, 0);
    }
  }

  #dueIn(slot: Slot, delayMs: number): void {
    slot.dueAt = this.#schedule.now + delayMs;
    this.#schedule.after(delayMs, () => this.#deliver());
  }

  #deliver(): void {
    for (const [batch, slot] of this.slots.entries()) {
      if (slot.acknowledged || slot.dueAt > this.#schedule.now) continue;
      const [request] = this.#requests;
      if (request === undefined) return;
      this.#requests.delete(request);
      this.#dueIn(slot, ACK_WAIT_MS);
      request.deliver(batch);
    }
  }
}
