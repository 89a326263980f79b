import type { Logger } from '@herald/service-kit';

/** How long refusals are counted before they are told, milliseconds. */
const EVERY_MS = 1_000;

/** Says of refused requests how many there were, by code: a line for each would cost more than the refusals. */
export class RefusalSummary {
  readonly #log: Logger;
  #counts: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(code: string): void {
    this.#counts[code] = (this.#counts[code] ?? 0) + 1;
    this.#timer ??= setTimeout(() => this.tell(), EVERY_MS).unref();
  }

  /** Tells what was counted since the last time. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (Object.keys(this.#counts).length > 0)
      this.#log.warn({ refused: this.#counts }, 'requests were refused');
    this.#counts = {};
  }
}
