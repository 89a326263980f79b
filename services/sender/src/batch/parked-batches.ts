import type { LocalWindow, Mailing } from '@herald/contracts';
import type { Work } from '@herald/event-log';

/** A delivered batch, as far as giving it back takes it. */
export interface Delivery {
  readonly mailingId: string;
  readonly number: number;
  readonly work: Pick<Work, 'giveBack'>;
}

/** For how long a batch is given back, and why. */
export interface Deferral {
  readonly delayMs: number;
  /** Every message that remains waits for this window, which opens in so many milliseconds at the earliest. */
  readonly closed: { readonly window: LocalWindow; readonly opensInMs: number } | null;
}

interface Parked {
  readonly giveBack: Work['giveBack'];
  /** From then on the server may have delivered it again, to anybody; our clock, milliseconds. */
  readonly comesBackAt: number;
  readonly closed: { readonly window: LocalWindow; readonly opensAt: number } | null;
  /** Its delivery is still ours to speak of. */
  ours: boolean;
}

/** A client may move to another time zone: by then a parked batch is read anew, milliseconds. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** What comes back that soon is not called back, milliseconds: by now somebody else might have it. */
const SOON_MS = 1_000;

/**
 * Remembers which batches were given back for later. One that waits for a window comes by every minute all night, and
 * is refused from memory. And a change of its mailing that should be met at once calls its batches back, instead of
 * waiting for the minute to pass: the server takes a second, shorter delay for the same delivery. All of it is only a
 * saving: who remembers nothing meets the batch a minute later, reads it, and finds the same.
 */
export class ParkedBatches {
  readonly #parked = new Map<string, Map<number, Parked>>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gives a batch back, to be delivered again to anybody after the delay. */
  park({ mailingId, number, work }: Delivery, { delayMs, closed }: Deferral): void {
    work.giveBack(delayMs);
    // Not the work itself: it holds the whole batch, and a night may have thousands.
    const { giveBack } = work;
    const now = this.#now();
    const known = this.#parked.get(mailingId);
    const parked: Parked = {
      giveBack,
      comesBackAt: now + delayMs,
      closed: closed && { window: closed.window, opensAt: now + Math.min(closed.opensInMs, LOOK_AGAIN_MS) },
      ours: true,
    };
    if (known === undefined) this.#parked.set(mailingId, new Map([[number, parked]]));
    else known.set(number, parked);
  }

  /** How much longer a batch waits for this window, milliseconds; 0 where that is not known. */
  closedForMs(mailingId: string, number: number, window: LocalWindow | null): number {
    const closed = this.#parked.get(mailingId)?.get(number)?.closed ?? null;
    if (closed === null || !isSameWindow(closed.window, window)) return 0;
    return Math.max(0, closed.opensAt - this.#now());
  }

  /**
   * Has those delivered at once that need not wait any longer as their mailing is now: all when it is over, and those
   * that wait for another window than it has.
   */
  callBack({ id, status, localWindow }: Pick<Mailing, 'id' | 'status' | 'localWindow'>): void {
    const isOver = status === 'expired' || status === 'deleted';
    const soon = this.#now() + SOON_MS;
    for (const parked of this.#parked.get(id)?.values() ?? []) {
      const waitsInVain = parked.closed !== null && !isSameWindow(parked.closed.window, localWindow);
      if (!parked.ours || parked.comesBackAt < soon || !(isOver || waitsInVain)) continue;
      parked.ours = false;
      parked.giveBack(0);
    }
  }

  /** After trouble with the broker nobody knows who has which delivery: none is called back any more. */
  disown(mailingId: string): void {
    for (const parked of this.#parked.get(mailingId)?.values() ?? []) parked.ours = false;
  }

  /** Forgets a mailing that is open no more. */
  forget(mailingId: string): void {
    this.#parked.delete(mailingId);
  }
}

const isSameWindow = (one: LocalWindow, other: LocalWindow | null): boolean =>
  other !== null && one.from === other.from && one.to === other.to;
