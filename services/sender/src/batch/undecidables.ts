import type { Logger } from '@herald/service-kit';
import type { SenderMetrics } from '../metrics.ts';
import { Reminder } from '../reminder.ts';
import type { UndecidedMessage } from './undecided.ts';

/** So many different messages within {@link WITHIN_MS} are no longer about the messages: the release is wrong. */
export const MOST_MESSAGES = 20;
const WITHIN_MS = 60_000;

export interface UndecidablesOptions {
  readonly log: Pick<Logger, 'error' | 'fatal'>;
  readonly metrics: Pick<SenderMetrics, 'undecided' | 'batchBroke'>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told once: from now on nothing may be begun. */
  readonly onStopped: () => void;
}

/**
 * Says which messages and batches could not be decided, and stops the intake of this process where they are so many that
 * every further message might be set aside for the same error. Only a restart opens it again.
 */
export class Undecidables {
  readonly #options: UndecidablesOptions;
  /** When each message was undecidable last; never more than {@link MOST_MESSAGES}. */
  readonly #recent = new Map<number, number>();
  readonly #reminder = new Reminder();
  #isStopped = false;

  constructor(options: UndecidablesOptions) {
    this.#options = options;
  }

  /** True when nothing is to be begun any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  message(mailingId: string, batch: number, message: UndecidedMessage): void {
    const { log, metrics } = this.#options;
    metrics.undecided(message.isSetAside);
    log.error(
      { mailingId, batch, ...message },
      message.isSetAside ? 'a message is set aside: it cannot be decided' : 'a message cannot be decided yet',
    );
    // Bad data is as bad for the next release, and one record may be about a whole batch.
    if (message.stage !== 'stored') this.#count(message.messageId);
  }

  batch(mailingId: string, batch: number, reason: string): void {
    this.#options.metrics.batchBroke();
    this.#options.log.error({ mailingId, batch, reason }, 'a batch broke, and is tried again later');
  }

  close(): void {
    this.#reminder.end();
  }

  #count(messageId: number): void {
    const { log, now, onStopped } = this.#options;
    if (this.#isStopped) return;
    const at = now();
    this.#recent.set(messageId, at);
    for (const [id, lastAt] of this.#recent) if (at - lastAt > WITHIN_MS) this.#recent.delete(id);
    if (this.#recent.size < MOST_MESSAGES) return;
    this.#isStopped = true;
    const messageIds = [...this.#recent.keys()];
    this.#reminder.begin(() => {
      log.fatal(
        { messageIds },
        `${MOST_MESSAGES} messages within a minute could not be decided: this sender takes in nothing more until it is restarted`,
      );
    });
    onStopped();
  }
}
