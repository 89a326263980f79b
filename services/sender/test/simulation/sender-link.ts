import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** How a process and its connection to the broker are. */
export class SenderLink {
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #lossRate: () => number;
  #life = 0;
  #frozen = false;
  #up = true;
  #deferred: Array<() => void> = [];
  #queued: Array<() => void> = [];

  /** @param lossRate how many answers of the broker get lost now, from 0 to 1 */
  constructor(schedule: Schedule, random: Random, lossRate: () => number) {
    this.#schedule = schedule;
    this.#random = random;
    this.#lossRate = lossRate;
  }

  get isUp(): boolean {
    return this.#up;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Everything of the process that was under way is gone. */
  kill(): void {
    this.#life += 1;
    this.#frozen = false;
    this.#deferred = [];
    this.#queued = [];
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** What came meanwhile is met now, in its order. */
  thaw(): void {
    this.#frozen = false;
    const deferred = this.#deferred;
    this.#deferred = [];
    const life = this.#life;
    // One of them may be the end of the process.
    for (const act of deferred) if (life === this.#life) act();
  }

  cut(): void {
    this.#up = false;
  }

  heal(): void {
    this.#up = true;
    const queued = this.#queued;
    this.#queued = [];
    for (const act of queued) act();
  }

  /** Something that happens in the process: not after its death, and not while it sleeps. */
  here(delayMs: number, act: () => void): void {
    this.inThisLife()(delayMs, act);
  }

  /** As `here`, for what comes back from elsewhere to the process as it is now. */
  inThisLife(): (delayMs: number, act: () => void) => void {
    const life = this.#life;
    return (delayMs, act) =>
      this.#schedule.after(delayMs, () => {
        if (life !== this.#life) return;
        if (this.#frozen) this.#deferred.push(act);
        else act();
      });
  }

  /** Sent and forgotten; lost while the connection is. */
  publish(atBroker: () => void): void {
    if (this.#up) this.#schedule.after(this.#latency(), atBroker);
  }

  /** Asked once. Exactly one of the two is told, unless the process dies. */
  request<Reply>(
    timeoutMs: number,
    atBroker: () => Reply,
    told: (reply: Reply) => void,
    failed: () => void,
  ): void {
    let isOpen = true;
    const once = (act: () => void): void => {
      if (isOpen) act();
      isOpen = false;
    };
    const here = this.inThisLife();
    here(timeoutMs, () => once(failed));
    if (!this.#up) return;
    this.#schedule.after(this.#latency(), () => {
      const reply = atBroker();
      if (this.#up && !this.#random.chance(this.#lossRate())) {
        here(this.#latency(), () => once(() => told(reply)));
      }
    });
  }

  /** Published again and again until it is acknowledged: it may land several times. */
  append(atBroker: () => void, acknowledged: () => void): void {
    let isOpen = true;
    const send = (): void => {
      if (!isOpen) return;
      if (!this.#up) {
        this.#queued.push(send);
        return;
      }
      this.request(
        4_000,
        atBroker,
        () => {
          if (isOpen) acknowledged();
          isOpen = false;
        },
        send,
      );
    };
    send();
  }

  #latency(): number {
    return this.#random.between(1, 15);
  }
}
