import type { Collected } from './measure/measured.ts';
import type { References } from './report/summarize.ts';
import type { Systems } from './system/systems.ts';

/** How much of everything is measured. */
export type Sizes = {
  readonly rounds: number;
  /** Of one delivery, and of the loop and the peer beside it. */
  readonly messages: number;
  /** Of one fan-out. */
  readonly fanout: number;
  /** Of one import. */
  readonly clients: number;
  /** REST requests with 64 at once; a fifth of them one at a time. */
  readonly requests: number;
  /** Mailings whose start is watched, and as many pauses. */
  readonly moments: number;
  /** Of a mailing whose speed the provider's latency bounds. */
  readonly boundMessages: number;
  /** Events on the log that a whole system is restarted on. */
  readonly logEvents: number;
  /** Records on the log that a mailing is measured on, and mailings that are open meanwhile. */
  readonly grownEvents: number;
  readonly grownOpen: number;
};

/** What a scenario works with. */
export type Bench = {
  readonly sizes: Sizes;
  readonly systems: Systems;
  readonly signal: AbortSignal;
  /** A line that stays. */
  say(line: string): void;
  /** A line that moves. */
  progress(what: string, done: number, total: number): void;
};

export type Outcome = { readonly collected: Collected; readonly references: References };

/** Something to measure. What it answers to on the command line may be several names for parts of it. */
export type Scenario = {
  readonly names: readonly string[];
  readonly about: string;
  /** Whether `--quick` has it. */
  readonly isQuick: boolean;
  /** @throws on errors and wrong results, never because something is slow */
  run(bench: Bench, wanted: ReadonlySet<string>): Promise<Outcome>;
};
