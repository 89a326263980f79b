interface Entry {
  readonly time: number;
  readonly order: number;
  readonly act: () => void;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

const turnOfEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * To be called in the callback of a promise: Node comes to its next ticks when no such callback is left, those included
 * that follow from others. A turn of the event loop would do the same, and takes twenty times as long.
 */
const allPromisesSettled = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

/**
 * Simulated time: what is due happens in the order of its time, and of its entry where times are equal. What a process
 * does of its own accord after that, by promises that are settled now, is done before anything else happens.
 */
export class Schedule {
  /** A binary heap, the next entry first. */
  readonly #heap: Entry[] = [];
  #order = 0;
  #isTouched = false;
  /** Milliseconds. */
  now = 0;

  after(delayMs: number, act: () => void): void {
    this.#order += 1;
    this.#add({ time: this.now + Math.max(0, delayMs), order: this.#order, act });
  }

  /** A process does something in what happens now: its promises may be settled by it. */
  touched(): void {
    this.#isTouched = true;
  }

  /** Lets time pass until nothing is due any more, or until then; false in the latter case. */
  async runUntil(time: number): Promise<boolean> {
    // From here on this runs in the callback of a promise; and a machine that simulates for minutes stays alive.
    await turnOfEventLoop();
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return true;
      if (first.time > time) return false;
      this.#removeFirst();
      this.now = first.time;
      this.#isTouched = false;
      first.act();
      if (this.#isTouched) await allPromisesSettled();
    }
  }

  #add(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[place] = parent;
      heap[above] = entry;
      place = above;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let place = 0;
    for (;;) {
      let smallest = place;
      for (const below of [2 * place + 1, 2 * place + 2]) {
        const child = heap[below];
        const least = heap[smallest];
        if (child !== undefined && least !== undefined && isBefore(child, least)) smallest = below;
      }
      const moved = heap[smallest];
      if (smallest === place || moved === undefined) return;
      heap[smallest] = last;
      heap[place] = moved;
      place = smallest;
    }
  }
}
