import {
  type EventData,
  eventSubjects,
  type HeraldEvent,
  type MessageOutcome,
  makeEvent,
  outcomesOf,
  parseEvent,
} from '@herald/contracts';
import { idOf } from './ids.ts';
import type { Schedule } from './schedule.ts';
import type { SenderLink } from './sender-link.ts';

export const ACK_WAIT_MS = 30_000;
/** How long one request for work stands, milliseconds. */
const REQUEST_STANDS_MS = 30_000;

/** What became of messages, as the log says it. */
export type OutcomeEvent =
  | MessageOutcome
  | Pick<HeraldEvent<'MessagesExpired'>, 'type' | 'data'>
  | Pick<HeraldEvent<'MessagesCancelled'>, 'type' | 'data'>;

interface Stored {
  readonly sequence: number;
  readonly text: string;
  readonly storedAt: number;
}

/** One batch as the broker has it: its outcomes, and where its delivery stands. */
interface Slot {
  readonly queued: EventData<'MessagesQueued'>;
  readonly text: string;
  readonly outcomes: Array<{ readonly at: number; readonly body: OutcomeEvent }>;
  completedAt: number | null;
  acknowledged: boolean;
  /** When it is delivered (again) at the earliest; `now` or before: it is due. */
  dueAt: number;
}

/** A request for work that stands. */
export interface DeliveryRequest {
  readonly link: SenderLink;
  readonly deliver: (batch: number) => void;
  /** It stood long enough, and is answered with nothing. */
  readonly expire: () => void;
  /** The consumer knows nothing of it any more, and says nothing. */
  readonly forget: () => void;
}

/**
 * The broker: records on subjects in the order in which they arrive, by compare-and-set where that is asked for, and a
 * consumer that acts by sequence, whoever speaks, as the real one does.
 */
export class SimulatedBroker {
  readonly slots: Slot[];
  readonly #schedule: Schedule;
  readonly #records = new Map<string, Stored[]>();
  /** What the arrival of a record on a subject means. */
  readonly #arrivals = new Map<string, (event: HeraldEvent) => void>();
  readonly #requests = new Set<DeliveryRequest>();
  readonly #onCompleted: () => void;
  #sequence: number;

  constructor(schedule: Schedule, batches: readonly EventData<'MessagesQueued'>[], onCompleted: () => void) {
    this.#schedule = schedule;
    this.#onCompleted = onCompleted;
    this.slots = batches.map(slotOf);
    this.#sequence = batches.length;
    for (const slot of this.slots) {
      const { mailingId, batch } = slot.queued;
      this.#arrivals.set(eventSubjects.outcome(mailingId, batch), (event) => this.#arrived(slot, event));
      this.#arrivals.set(eventSubjects.batch(mailingId, batch), () => this.#completed(slot));
    }
  }

  get isThrough(): boolean {
    return this.slots.every((slot) => slot.completedAt !== null);
  }

  slot(batch: number): Slot {
    const slot = this.slots[batch];
    if (slot === undefined) throw new Error(`no batch ${batch}`);
    return slot;
  }

  /** Where a batch stands in the log. */
  sequenceOf(batch: number): number {
    return batch + 1;
  }

  /** Everything that was ever stored, by its subject. */
  get log(): ReadonlyMap<string, readonly Stored[]> {
    return this.#records;
  }

  /** What stands on a subject, in its order. */
  recordsOn(subject: string): readonly Stored[] {
    return this.#records.get(subject) ?? [];
  }

  /**
   * @param expected the record lands only where this is the last sequence on its subject; 0 means none
   * @returns the new sequence, or `null` where the expected one was not the last
   */
  store(subject: string, text: string, expected?: number): number | null {
    const records = this.#records.get(subject) ?? [];
    if (expected !== undefined && (records.at(-1)?.sequence ?? 0) !== expected) return null;
    this.#records.set(subject, records);
    this.#sequence += 1;
    records.push({ sequence: this.#sequence, text, storedAt: this.#schedule.now });
    this.#arrivals.get(subject)?.(parseEvent(text));
    return this.#sequence;
  }

  /** Asks for one delivery. */
  request(request: DeliveryRequest): void {
    this.#requests.add(request);
    this.#schedule.after(REQUEST_STANDS_MS, () => {
      if (this.#requests.delete(request)) request.expire();
    });
    this.#deliver();
  }

  /** Nobody waits for it any more. */
  withdraw(request: DeliveryRequest): void {
    this.#requests.delete(request);
  }

  /** A connection is gone, and with it what was asked for over it. */
  disconnected(link: SenderLink): void {
    for (const request of this.#requests) if (request.link === link) this.#requests.delete(request);
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
    for (const request of this.#requests) request.forget();
    this.#requests.clear();
    for (const slot of this.slots) {
      slot.acknowledged = false;
      this.#dueIn(slot, 0);
    }
  }

  #arrived(slot: Slot, event: HeraldEvent): void {
    const at = this.#schedule.now;
    if (event.type === 'MessagesExpired' || event.type === 'MessagesCancelled') {
      slot.outcomes.push({ at, body: event });
      return;
    }
    for (const { outcome } of outcomesOf(event)) slot.outcomes.push({ at, body: outcome });
  }

  #completed(slot: Slot): void {
    slot.completedAt ??= this.#schedule.now;
    this.#onCompleted();
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

function slotOf(queued: EventData<'MessagesQueued'>): Slot {
  const provenance = { source: 'mailing', correlationId: 'simulated' };
  const event = makeEvent(
    { type: 'MessagesQueued', data: queued },
    provenance,
    new Date(0),
    idOf(queued.batch),
  );
  return {
    queued,
    text: JSON.stringify(event),
    outcomes: [],
    completedAt: null,
    acknowledged: false,
    dueAt: 0,
  };
}
