import { CLOCK_TOLERANCE_MS, SimulatedProcess } from './process.ts';
import { SenderLink } from './sender-link.ts';
import type { Surroundings } from './surroundings.ts';

/** The process of a stop ends after so long anyway, milliseconds. */
const STOP_MS = 6_000;

/** One sender over all its lives, with its connection, and what happens to both. */
export class SimulatedSender {
  readonly number: number;
  readonly link: SenderLink;
  /** Calls at once. */
  readonly slots: number;
  readonly #world: Surroundings;
  readonly #clockAheadMs: number;
  #lives = 0;
  /** `null` between two lives. */
  #process: SimulatedProcess | null = null;
  #stopping = false;

  constructor(world: Surroundings, number: number) {
    const { random, schedule } = world;
    this.#world = world;
    this.number = number;
    this.link = new SenderLink(schedule, random, () => world.lossRate);
    this.#clockAheadMs = random.between(-CLOCK_TOLERANCE_MS, CLOCK_TOLERANCE_MS);
    this.slots = world.hasManySlots ? random.between(8, 16) : random.between(1, 4);
    world.mailing.onChange(() => this.#follow(random.between(1, 30)));
    this.#start(random.between(0, 50));
  }

  /** Calls under way and outcomes that are not recorded, together. */
  get mostOpen(): number {
    return this.#world.idempotent ? 2 * this.slots : this.slots;
  }

  /** Killed, and started again by its launcher. */
  crash(backInMs: number): void {
    if (this.#process === null) return;
    this.link.kill();
    this.#world.broker.disconnected(this.link);
    this.#process = null;
    this.#world.schedule.after(backInMs, () => this.#start(this.#world.random.between(0, 100)));
  }

  /** Stopped in good order, and started again. */
  restart(backInMs: number): void {
    const process = this.#process;
    if (process === null || this.#stopping) return;
    this.#stopping = true;
    const here = this.link.inThisLife();
    const end = (): void => here(0, () => this.crash(backInMs));
    here(STOP_MS, end);
    here(0, () => void process.stop().then(end));
  }

  /** The connection is lost; noticed at once, or only when it is back. */
  cut(noticed: boolean): void {
    this.link.cut();
    this.#world.broker.disconnected(this.link);
    const process = this.#process;
    if (noticed) this.link.here(0, () => process?.connectionChanged(false));
  }

  heal(): void {
    this.link.heal();
    const process = this.#process;
    this.link.here(1, () => process?.connectionChanged(true));
    this.#follow(2);
  }

  /** @param admission how many calls may be under way */
  admit(admission: number): void {
    const process = this.#process;
    this.link.here(0, () => process?.admit(admission));
  }

  #start(knowsAfterMs: number): void {
    const { link, number, slots, mostOpen } = this;
    this.#lives += 1;
    this.#stopping = false;
    this.#process = new SimulatedProcess({
      world: this.#world,
      link,
      number,
      owner: `${number}.${this.#lives}`,
      slots,
      mostOpen,
      clockAheadMs: this.#clockAheadMs,
    });
    this.#follow(knowsAfterMs);
  }

  #follow(delayMs: number): void {
    const process = this.#process;
    this.link.here(delayMs, () => {
      if (this.link.isUp) process?.follow();
    });
  }
}
