import { type Exchange, errorOf, estimateOf, intersect, isOff, type Offset, offsetOf } from './offset.ts';

/** Whether the mailings' ends can be kept by our clock. */
export type Verdict =
  /** Not compared with the log's time, or not lately. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'right'; readonly offsetMs: number; readonly errorMs: number }
  /** It differs by more than is tolerated; a positive offset means that it is behind. */
  | { readonly kind: 'off'; readonly offsetMs: number; readonly errorMs: number };

export interface ClockCheckOptions {
  /** One exchange with the broker; may throw. */
  readonly ask: () => Promise<Exchange>;
  /** By how much the clocks may differ, milliseconds. */
  readonly toleranceMs: number;
  /** The wall clock, milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds of a clock that never goes back and is never set. */
  readonly steady: () => number;
  /** The verdict is of another kind than before. */
  readonly onChange: (verdict: Verdict) => void;
  /** The log's time could not be learnt; told for each time in a row. */
  readonly onFailure: (error: unknown) => void;
}

/** Each comparison costs a few small requests. Quartz drifts by 0.25 ms in that time (50 millionths), milliseconds. */
const COMPARE_EVERY_MS = 5_000;
const RETRY_MS = 500;
/** How often we look whether a comparison is due, milliseconds. */
const LOOK_EVERY_MS = 250;
/** Who has not looked for so long was asleep (stopped, suspended, moved), milliseconds. */
const ASLEEP_MS = 2_000;
/** The two clocks of this machine go alike, but for the millisecond in which the one is read: more is a jump. */
const JUMP_MS = 10;
/** So long what was learnt last holds where the broker cannot be asked, milliseconds. */
const HOLDS_MS = 60_000;
const NOT_COMPARED = 'not compared with the time of the log yet';
/** The first exchange is the slowest (code that runs for the first time); the best of so many counts. */
const EXCHANGES = 4;

interface Comparison {
  readonly offset: Offset;
  /** Wall clock less steady clock at that time: from there on our own clocks tell that the wall clock was set. */
  readonly difference: number;
  readonly at: number;
}

/**
 * Compares the wall clock with the log's time, by which mailings are judged, and between two comparisons with the
 * machine's steady clock. So a clock that was set is found out before the very next call.
 */
export class ClockCheck {
  readonly #options: ClockCheckOptions;
  readonly #timer: NodeJS.Timeout;
  #last: Comparison | null = null;
  #said: Verdict['kind'] = 'unknown';
  #wasOff = false;
  /** Why the last comparison holds no more; gone with the next one that began later. */
  #doubt: { readonly why: string } | null = null;
  #lookedAt: number;
  #dueAt: number;
  #comparing = false;
  #closed = false;

  constructor(options: ClockCheckOptions) {
    this.#options = options;
    this.#lookedAt = options.steady();
    this.#dueAt = this.#lookedAt;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.compareNow();
  }

  /** As of this moment. */
  get verdict(): Verdict {
    const why = this.#whyUnknown();
    if (why !== null || this.#last === null) return { kind: 'unknown', why: why ?? NOT_COMPARED };
    const { offset } = this.#last;
    const known = { offsetMs: estimateOf(offset), errorMs: errorOf(offset) };
    return { kind: this.#isOff(offset) ? 'off' : 'right', ...known };
  }

  /** Whether the verdict is `right`: asked before every call, and leaves no garbage behind. */
  get isRight(): boolean {
    return this.#whyUnknown() === null && this.#last !== null && !this.#isOff(this.#last.offset);
  }

  /** To be called whenever there is a reason to doubt the clock, or a chance to ask for the time again. */
  compareNow(): void {
    if (!this.#comparing && !this.#closed) void this.#compare();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  #whyUnknown(): string | null {
    this.#notice();
    if (this.#last === null) return NOT_COMPARED;
    if (this.#doubt !== null) return `not compared with the time of the log since ${this.#doubt.why}`;
    const sinceMs = this.#options.steady() - this.#last.at;
    if (sinceMs <= HOLDS_MS) return null;
    return `not compared with the time of the log for ${Math.round(sinceMs / 1_000)} s`;
  }

  #isOff(offset: Offset): boolean {
    return isOff(offset, this.#options.toleranceMs, this.#wasOff);
  }

  #look(): void {
    this.#notice();
    const now = this.#options.steady();
    this.#lookedAt = now;
    if (this.#doubt !== null || now >= this.#dueAt) this.compareNow();
    this.#say();
  }

  /** Doubts stay until they are cleared: whoever was turned away meanwhile is told when that is over. */
  #notice(): void {
    if (this.#doubt !== null || this.#last === null) return;
    const jumpedBy = this.#difference() - this.#last.difference;
    if (this.#options.steady() - this.#lookedAt > ASLEEP_MS) {
      this.#doubt = { why: 'this process stood still' };
    } else if (Math.abs(jumpedBy) > JUMP_MS) {
      // Was it wrong before, or is it now? And a machine that was suspended has the right time with such a jump.
      this.#doubt = { why: `it moved by ${Math.round(jumpedBy)} ms` };
    }
  }

  async #compare(): Promise<void> {
    this.#comparing = true;
    const doubt = this.#doubt;
    // Somebody may have met it already: only who was told of a doubt is told of its end.
    this.#say();
    try {
      this.#last = await this.#askLog();
      if (this.#doubt === doubt) this.#doubt = null;
      this.#dueAt = this.#last.at + COMPARE_EVERY_MS;
    } catch (error) {
      this.#dueAt = this.#options.steady() + RETRY_MS;
      if (!this.#closed) this.#options.onFailure(error);
    } finally {
      this.#comparing = false;
    }
    this.#say();
  }

  /** @throws what asking throws; Error where the clock was set in the middle of it */
  async #askLog(): Promise<Comparison> {
    const before = this.#difference();
    const offsets: Offset[] = [];
    while (offsets.length < EXCHANGES) offsets.push(offsetOf(await this.#options.ask()));
    const difference = this.#difference();
    const offset = intersect(offsets);
    if (offset === null || Math.abs(difference - before) > JUMP_MS) {
      throw new Error('a clock was set while they were compared');
    }
    return { offset, difference, at: this.#options.steady() };
  }

  /** Wall clock less steady clock, milliseconds. A process may be put aside between two readings: then once more. */
  #difference(): number {
    const { wall, steady } = this.#options;
    for (let left = 3; ; left -= 1) {
      const before = steady();
      const time = wall();
      const after = steady();
      if (after - before < 1 || left === 0) return time - (before + after) / 2;
    }
  }

  #say(): void {
    if (this.#closed) return;
    const { verdict } = this;
    if (verdict.kind !== 'unknown') this.#wasOff = verdict.kind === 'off';
    if (verdict.kind === this.#said) return;
    this.#said = verdict.kind;
    this.#options.onChange(verdict);
  }
}
