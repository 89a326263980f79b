import type { View } from '../../src/batch/batch-state.ts';
import { type Decisions, decisions } from '../../src/batch/decisions.ts';
import type { Recipient } from '../../src/recipients/directory.ts';

/**
 * Where the program breaks on the poisoned message: in a decision about it; before its call, or behind that with the
 * answer lost; when its outcome is written; in the window of its zone; or in the transition of its batch, now and then.
 */
export const POISONS = [
  'address',
  'turn',
  'outcome',
  'after',
  'call',
  'answer',
  'record',
  'window',
  'opening',
  'view',
] as const;
export type PoisonAt = (typeof POISONS)[number];

/** The zone of a client whose window nobody can work out. */
export const POISONED_ZONE = 'Mars/Phobos';
const SELDOM = 7;

/** One message on which the program breaks, in every process and every time it comes there. */
export class Poison {
  readonly messageId: number;
  readonly at: PoisonAt;
  readonly decisions: Decisions;
  /** How often it has struck. */
  strikes = 0;
  readonly #batch: number;
  readonly #endAtMs: number;
  #looks = 0;

  /** @param endAtMs when its mailing ends as it was planned, milliseconds */
  constructor(batch: number, messageId: number, at: PoisonAt, endAtMs: number) {
    this.#batch = batch;
    this.messageId = messageId;
    this.at = at;
    this.#endAtMs = endAtMs;
    this.decisions = {
      address: (message, recipients) => {
        this.strike('address', message.messageId);
        return decisions.address(message, recipients);
      },
      turn: (message, open, view) => {
        this.strike('turn', message.messageId);
        return decisions.turn(message, open, view);
      },
      outcome: (message, made, context) => {
        this.strike('outcome', message.messageId);
        return decisions.outcome(message, made, context);
      },
      after: (message, outcome) => {
        this.strike('after', message.messageId);
        return decisions.after(message, outcome);
      },
    };
  }

  /** @throws Error where the program breaks on this message */
  strike(at: PoisonAt, messageId: number): void {
    if (at !== this.at || messageId !== this.messageId) return;
    this.strikes += 1;
    throw new Error(`poison at ${at}`);
  }

  /** @throws Error in the one zone */
  strikeZone(at: PoisonAt, timezone: string): void {
    if (timezone === POISONED_ZONE) this.strike(at, this.messageId);
  }

  /** Whom a message goes to: the phone of the one cannot be read. */
  recipient(messageId: number, timezone: string): Recipient {
    const strike = (): void => this.strike('call', messageId);
    return {
      get phone() {
        strike();
        return '79161234567';
      },
      timezone,
    };
  }

  /** @throws Error at every seventh look at the batch of the message, before the mailing ends */
  strikeSeldom({ batch, now }: Pick<View, 'batch' | 'now'>): void {
    if (batch !== this.#batch || now >= this.#endAtMs) return;
    this.#looks += 1;
    if (this.#looks % SELDOM === 0) this.strike('view', this.messageId);
  }
}
