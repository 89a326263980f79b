import type { SteadyClock } from '../../src/steady-clock.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

type Act = () => void;
/** Has something happen later. `isDue`: whether it still does, asked then. */
type Later = (delayMs: number, act: Act, isDue?: () => boolean) => void;

/** How long an acknowledgement may take before it is asked for again, milliseconds. */
const ACKNOWLEDGED_MS = 4_000;

const always = (): boolean => true;

/** How a process and its connection to the broker are: everything that comes into the process comes through here. */
export class SenderLink {
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #lossRate: () => number;
  #life = 0;
  #frozen = false;
  #up = true;
  /** What came while the process slept, in its order. */
  #backlog: Array<{ readonly act: Act; readonly isDue: () => boolean }> = [];
  /** Each says once more what is not acknowledged. */
  readonly #unheard = new Set<Act>();

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
    this.#backlog = [];
    this.#unheard.clear();
  }

  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#workOff();
  }

  cut(): void {
    this.#up = false;
  }

  /** What was said into the old connection is gone: it is said again at once. */
  heal(): void {
    this.#up = true;
    this.here(0, () => {
      for (const say of [...this.#unheard]) say();
    });
  }

  /** Something that happens in the process: not after its death, and not while it sleeps. */
  here(delayMs: number, act: Act): void {
    this.inThisLife()(delayMs, act);
  }

  /** As `here`, for what comes back from elsewhere to the process as it is now. */
  inThisLife(): Later {
    const life = this.#life;
    return (delayMs, act, isDue = always) =>
      this.#schedule.after(delayMs, () => {
        if (life !== this.#life || !isDue()) return;
        if (this.#frozen || this.#backlog.length > 0) this.#backlog.push({ act, isDue });
        else this.#run(act);
      });
  }

  /** Time and timers of the process as it is now. */
  clock(): SteadyClock {
    const here = this.inThisLife();
    return {
      now: () => this.#schedule.now,
      after: (delayMs, act) => {
        let isOpen = true;
        // As Node's timers: the next turn at the earliest.
        here(Math.max(1, delayMs), act, () => isOpen);
        return () => {
          isOpen = false;
        };
      },
      atEndOfTurn: (act) => here(0, act),
    };
  }

  /**
   * Asks once; never settles where the process dies.
   *
   * @throws Error when no answer comes in time
   */
  ask<Reply>(timeoutMs: number, atBroker: () => Reply): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const here = this.inThisLife();
      let isOpen = true;
      const settle = (act: Act): void => {
        isOpen = false;
        act();
      };
      const isWaiting = (): boolean => isOpen;
      here(timeoutMs, () => settle(() => reject(new Error('no answer in time'))), isWaiting);
      if (!this.#up) return;
      this.#schedule.after(this.latency(), () => {
        const reply = atBroker();
        if (!this.#up || this.#random.chance(this.#lossRate())) return;
        const arrives = (): boolean => this.#up && isWaiting();
        here(this.latency(), () => settle(() => resolve(reply)), arrives);
      });
    });
  }

  /**
   * Says something again and again until it is acknowledged, so it may land several times.
   *
   * @param say what to say now; `null` when there is nothing to say any more
   * @returns what the broker answered; `null` where it was not heard within that time
   */
  untilHeard<Reply>(say: () => (() => Reply) | null, withinMs = Number.POSITIVE_INFINITY) {
    return new Promise<{ readonly reply: Reply } | null>((resolve) => {
      const here = this.inThisLife();
      let attempts = 0;
      const settle = (heard: { readonly reply: Reply } | null): void => {
        this.#unheard.delete(again);
        resolve(heard);
      };
      const again = (): void => {
        const words = this.#unheard.has(again) ? say() : null;
        if (words === null) settle(null);
        // Said when the connection is there again.
        if (words === null || !this.#up) return;
        attempts += 1;
        const attempt = attempts;
        this.ask(ACKNOWLEDGED_MS, words).then(
          (reply) => settle({ reply }),
          () => {
            if (attempt === attempts) again();
          },
        );
      };
      this.#unheard.add(again);
      if (Number.isFinite(withinMs))
        here(
          withinMs,
          () => settle(null),
          () => this.#unheard.has(again),
        );
      again();
    });
  }

  #workOff(): void {
    const life = this.#life;
    this.#schedule.after(0, () => {
      if (life !== this.#life || this.#frozen) return;
      const next = this.#backlog.shift();
      if (next === undefined) return;
      if (next.isDue()) this.#run(next.act);
      this.#workOff();
    });
  }

  #run(act: Act): void {
    this.#schedule.touched();
    act();
  }

  latency(): number {
    return this.#random.between(1, 15);
  }
}
