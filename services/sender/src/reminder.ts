/** How often trouble that lasts is said again, milliseconds: who looks at the last minutes of a log must find it. */
const AGAIN_EVERY_MS = 60_000;

/** Says that there is trouble: at once, and again every so often until it is over. */
export class Reminder {
  #timer: NodeJS.Timeout | undefined;

  /** There is trouble, perhaps still. */
  begin(say: () => void): void {
    if (this.#timer !== undefined) return;
    say();
    this.#timer = setInterval(say, AGAIN_EVERY_MS);
    this.#timer.unref();
  }

  /** It is over; true where there was any. */
  end(): boolean {
    const was = this.#timer !== undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return was;
  }
}
