/** The machine's time before it was shifted. */
const MachineDate = Date;

/**
 * Sets the clock of this process wrong, as a machine without time synchronisation has it: everything that reads the
 * time of day is by so much ahead (negative: behind) from now on. Timers and `performance.now()` stay as they are.
 *
 * @returns sets it wrong by another figure, milliseconds
 */
export function shiftClock(aheadMs: number): (aheadMs: number) => void {
  let ahead = aheadMs;
  globalThis.Date = class extends MachineDate {
    constructor(...given: [] | ConstructorParameters<DateConstructor>) {
      if (given.length === 0) super(MachineDate.now() + ahead);
      else super(...(given as ConstructorParameters<DateConstructor>));
    }
    static override now(): number {
      return MachineDate.now() + ahead;
    }
  } as DateConstructor;
  return (next) => {
    ahead = next;
  };
}
