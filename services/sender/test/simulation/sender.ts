import type { BatchEvent, BatchState } from '../../src/batch/batch-state.ts';
import { ParkedBatches } from '../../src/batch/parked-batches.ts';
import type { OpenMailing } from '../../src/mailings/open-mailing.ts';
import { type Standing, standingOf } from '../../src/mailings/standing.ts';
import { isStillHeld } from '../../src/ownership/lease.ts';
import { type Holder, LEASE, SimulatedBatch } from './batch.ts';
import { SenderLink } from './sender-link.ts';
import type { Surroundings } from './surroundings.ts';

export const GUARD_MS = 100;
const REQUEST_STANDS_MS = 30_000;

/** One sender: claims, gives turns, and meets what happens to it. Its batches decide by the production transitions. */
export class SimulatedSender implements Holder {
  readonly number: number;
  readonly link: SenderLink;
  readonly #world: Surroundings;
  /** What its clock is ahead of the world's, milliseconds. */
  readonly #clockAheadMs: number;
  readonly slots: number;
  readonly #batches = new Map<number, SimulatedBatch>();
  parked: ParkedBatches;
  open: OpenMailing | undefined;
  #mayCall = true;
  #lives = 1;
  #running = true;
  #stopping = false;
  #request: { deliver: (batch: number) => void } | null = null;

  constructor(world: Surroundings, number: number) {
    const { random, schedule } = world;
    this.#world = world;
    this.number = number;
    this.link = new SenderLink(schedule, random, () => world.lossRate);
    this.#clockAheadMs = random.between(-80, 80);
    this.slots = random.between(1, 4);
    this.parked = this.#noneParked();
    this.open = world.mailing.current;
    world.mailing.onChange((open) => this.#hear(open));
    this.link.here(random.between(0, 50), () => this.look());
    this.#watchEnd();
  }

  /** By its own clock, milliseconds. */
  get clock(): number {
    return this.#world.schedule.now + this.#clockAheadMs;
  }

  /** Names the process. */
  get owner(): string {
    return `${this.number}.${this.#lives}`;
  }

  get mayCall(): boolean {
    return this.#mayCall;
  }

  get batches(): Iterable<SimulatedBatch> {
    return this.#batches.values();
  }

  get standing(): Standing | undefined {
    const { open } = this;
    return (
      open &&
      standingOf(
        open.mailing.status,
        open.endAtMs,
        this.clock,
        this.#world.sabotage === 'deadline' ? Number.NEGATIVE_INFINITY : GUARD_MS,
      )
    );
  }

  isLeaseHeld(confirmedAt: number): boolean {
    return this.#world.sabotage === 'fencing' || isStillHeld(this.#world.schedule.now - confirmedAt, LEASE);
  }

  /** Killed, and started again by its launcher. */
  crash(backInMs: number): void {
    if (!this.#running) return;
    this.link.kill();
    this.#batches.clear();
    this.#withdraw();
    this.#running = false;
    this.#world.schedule.after(backInMs, () => this.#start());
  }

  /** Stopped in good order, and started again. */
  restart(backInMs: number): void {
    if (!this.#running || this.#stopping) return;
    this.#stopping = true;
    this.#withdraw();
    this.#tellAll({ kind: 'stop' });
    this.link.here(4_500, () => {
      for (const batch of this.#batches.values()) batch.abortCalls();
    });
    this.link.here(5_000, () => this.crash(backInMs));
  }

  /** The connection is lost; noticed at once, or only when it is back. */
  cut(noticed: boolean): void {
    this.link.cut();
    this.#withdraw();
    if (noticed) this.link.here(0, () => this.#loseLeases());
  }

  heal(): void {
    this.link.heal();
    this.link.here(1, () => {
      this.#loseLeases();
      this.open = this.#world.mailing.current;
      this.#tellAll({ kind: 'mailing-changed' });
      this.look();
    });
  }

  admit(mayCall: boolean): void {
    this.link.here(0, () => {
      this.#mayCall = mayCall;
      this.#tellAll({ kind: 'provider-changed' });
      this.look();
    });
  }

  left(batch: number): void {
    this.#batches.delete(batch);
    this.link.here(0, () => this.look());
  }

  /** Gives turns to what can take one, and asks for more. */
  look(): void {
    if (!this.#running) return;
    for (const batch of this.#batches.values()) {
      while (this.#mayCall && batch.canTakeTurn && this.#hasFreeSlot()) batch.tell({ kind: 'turn' });
    }
    this.#ask();
  }

  /** As the sender's call slots count. */
  #hasFreeSlot(): boolean {
    let calls = 0;
    let open = 0;
    for (const batch of this.#batches.values()) {
      calls += batch.calls;
      open += inFlightOf(batch.state);
    }
    return calls < this.slots && (open < this.mostOpen || this.#world.sabotage === 'slots');
  }

  /** Calls under way and outcomes that are not recorded, together. */
  get mostOpen(): number {
    return this.#world.idempotent ? 2 * this.slots : this.slots;
  }

  #start(): void {
    this.#lives += 1;
    this.#running = true;
    this.#stopping = false;
    this.parked = this.#noneParked();
    this.open = this.#world.mailing.current;
    this.#watchEnd();
    this.link.here(this.#world.random.between(0, 100), () => this.look());
  }

  #noneParked(): ParkedBatches {
    return new ParkedBatches(() => this.#world.schedule.now);
  }

  #hear(open: OpenMailing | undefined): void {
    this.link.here(this.#world.random.between(1, 30), () => {
      if (!this.link.isUp || !this.#running) return;
      if (open !== undefined && (this.open?.sequence ?? 0) >= open.sequence) return;
      this.open = open;
      this.#tellAll({ kind: 'mailing-changed' });
      if (open !== undefined) this.parked.callBack(open.mailing);
      this.#watchEnd();
      this.look();
    });
  }

  #watchEnd(): void {
    const { open } = this;
    if (open === undefined) return;
    for (const moment of [open.endAtMs - GUARD_MS, open.endAtMs]) {
      this.link.here(moment - this.clock, () => {
        if (this.open === open) this.#tellAll({ kind: 'mailing-changed' });
      });
    }
  }

  #tellAll(event: BatchEvent): void {
    for (const batch of [...this.#batches.values()]) batch.tell(event);
  }

  #loseLeases(): void {
    this.parked.disown(this.#world.mailingId);
    for (const batch of [...this.#batches.values()]) batch.loseLease();
  }

  #wants(): boolean {
    if (this.#stopping) return false;
    switch (this.standing) {
      case 'send': {
        let unstarted = 0;
        for (const batch of this.#batches.values()) unstarted += batch.unstarted;
        return this.#mayCall && unstarted < Math.max(1, this.slots / 2);
      }
      case 'expire':
      case 'cancel':
        return this.#batches.size < 4;
      default:
        return false;
    }
  }

  #ask(): void {
    if (this.#request !== null || !this.link.isUp || !this.#wants()) return;
    const here = this.link.inThisLife();
    const request = {
      deliver: (batch: number): void => {
        if (this.#request === request) this.#request = null;
        if (this.link.isUp) here(this.#world.random.between(1, 15), () => this.#take(batch));
      },
    };
    this.#request = request;
    this.#world.broker.request(request);
    this.link.here(REQUEST_STANDS_MS, () => {
      if (this.#request !== request) return;
      this.#withdraw();
      this.look();
    });
  }

  #withdraw(): void {
    if (this.#request !== null) this.#world.broker.withdraw(this.#request);
    this.#request = null;
  }

  #take(number: number): void {
    if (this.#batches.has(number) || this.#stopping) {
      const delayMs = 250 + this.#world.random.next() * 750;
      this.link.append(
        () => this.#world.broker.giveBack(number, delayMs),
        () => {},
      );
      return;
    }
    const batch = new SimulatedBatch(this.#world, this, number);
    this.#batches.set(number, batch);
    batch.tell({ kind: 'delivered' });
    this.look();
  }
}

/** Between the begin of a call and its outcome in the log. */
export function inFlightOf(state: BatchState): number {
  return state.kind === 'sending' || state.kind === 'waiting' || state.kind === 'draining'
    ? state.inFlight
    : 0;
}
