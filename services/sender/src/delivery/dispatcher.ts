import type { CallSlots } from '../batch/call-slots.ts';
import type { MailingQueue } from '../intake/mailing-queue.ts';
import { Ring } from '../intake/ring.ts';
import type { Limits } from '../limits/limits.ts';

export interface DispatcherOptions {
  readonly slots: CallSlots;
  /** Whether the provider may be called at all now. */
  readonly mayCall: () => boolean;
  /** Whether it may be called once more. */
  readonly mayBegin: () => boolean;
  /** How many messages a queue may begin with while others have to wait. */
  readonly weightOf: (queue: MailingQueue) => number;
  /** What all senders together may ask of the provider. */
  readonly limits: Pick<Limits, 'admitCall' | 'admitMailing' | 'begin' | 'review'>;
  /** Begins with the queue's next message. */
  readonly begin: (queue: MailingQueue) => void;
  /** A queue has begun with a message: it may be time to claim its next batch. */
  readonly onStarted: (queue: MailingQueue) => void;
}

/**
 * Gives the free slots to the queues in turn and by their weight, one message each, as long as the provider may be called. It is woken
 * where something may have changed (a slot is free, a batch is ready, the gate has opened), and never waits itself.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #ring: Ring<MailingQueue>;
  #pumping = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#ring = new Ring(options.weightOf);
  }

  add(queue: MailingQueue): void {
    this.#ring.add(queue);
  }

  remove(queue: MailingQueue): void {
    this.#ring.remove(queue);
  }

  /** Begins as many calls as there are slots, messages and permission for. */
  pump(): void {
    // What is begun here may come back at once: a breaker that opens, a batch that ends.
    if (this.#pumping) return;
    this.#pumping = true;
    const { slots, mayBegin, mayCall, limits } = this.#options;
    try {
      while (slots.mayBegin && mayBegin() && limits.admitCall()) {
        const queue = this.#ring.take(
          (candidate) => candidate.nextToStart !== undefined && limits.admitMailing(candidate.mailingId),
        );
        if (queue === undefined) break;
        const { calls } = slots;
        this.#options.begin(queue);
        if (slots.calls > calls) {
          limits.begin(queue.mailingId);
          queue.callBegins();
        }
        this.#options.onStarted(queue);
      }
    } finally {
      this.#pumping = false;
    }
    if (mayCall()) limits.review();
  }
}
