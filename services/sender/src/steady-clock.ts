/** Time as this process measures it, and what it does later. The simulation brings a clock of its own. */
export interface SteadyClock {
  /** Milliseconds of a clock that never goes back, with a fraction. */
  readonly now: () => number;
  /** Acts once after so long, milliseconds. The answer takes it back; it may be called at any time. */
  readonly after: (delayMs: number, act: () => void) => () => void;
  /** Acts once when everything that has come in this turn of the event loop is done. */
  readonly atEndOfTurn: (act: () => void) => void;
}

/** The clock of `performance.now()`, and Node's timers. */
export const steadyClock: SteadyClock = {
  now: () => performance.now(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
  atEndOfTurn: (act) => {
    setImmediate(act);
  },
};

/** Resolves after so long, milliseconds. */
export const passed = (clock: SteadyClock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
