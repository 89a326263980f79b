/** Tells for how long what is watched has not changed. Times are milliseconds of any steady clock. */
export type StallWatch = {
  /** Notes how things stand. */
  see(state: unknown, nowMs: number): void;
  /** Since when they have stood so; seeing nothing at all is no movement. */
  stillMs(nowMs: number): number;
};

export function watchForStall(startMs: number): StallWatch {
  let last = '';
  let since = startMs;
  return {
    see: (state, nowMs) => {
      const seen = JSON.stringify(state);
      if (seen === last) return;
      last = seen;
      since = nowMs;
    },
    stillMs: (nowMs) => nowMs - since,
  };
}
