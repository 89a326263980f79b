interface Entry {
  readonly time: number;
  readonly order: number;
  readonly act: () => void;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

/** Simulated time: what is due happens in the order of its time, and of its entry where times are equal. */
export class Schedule {
  /** A binary heap, the next entry first. */
  readonly #heap: Entry[] = [];
  #order = 0;
  /** Milliseconds. */
  now = 0;

  after(delayMs: number, act: () => void): void {
    this.#order += 1;
    this.#add({ time: this.now + Math.max(0, delayMs), order: this.#order, act });
  }

  /** Lets time pass until nothing is due any more, or until then; false in the latter case. */
  runUntil(time: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return true;
      if (first.time > time) return false;
      this.#removeFirst();
      this.now = first.time;
      first.act();
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
