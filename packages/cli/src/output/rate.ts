/** How fast something goes, by what was seen of it in the last seconds. */
export type Rate = {
  /** What is done at a moment (milliseconds of a steady clock). */
  see(done: number, atMs: number): void;
  /** A second; `null` while nobody can tell. */
  perSecond(): number | null;
};

const WINDOW_MS = 10_000;
/** What a buffer takes at once says nothing of how fast it goes. */
const SHORTEST_MS = 500;

export function measureRate(): Rate {
  const seen: Array<{ readonly done: number; readonly atMs: number }> = [];
  return {
    see: (done, atMs) => {
      // It begins anew, as after a restart: what was before says nothing any more.
      if (done < (seen.at(-1)?.done ?? 0)) seen.length = 0;
      seen.push({ done, atMs });
      // The last one that is older stays: the window is at least so long once it can be.
      while (seen.length > 2 && atMs - (seen[1]?.atMs ?? atMs) >= WINDOW_MS) seen.shift();
    },
    perSecond: () => {
      const first = seen[0];
      const last = seen.at(-1);
      if (first === undefined || last === undefined || last.atMs - first.atMs < SHORTEST_MS) return null;
      return Math.max(0, ((last.done - first.done) * 1_000) / (last.atMs - first.atMs));
    },
  };
}
