import { Ring } from '../claiming/ring.ts';
import type { Limits } from '../limits/limits.ts';
import type { CallSlots } from './call-slots.ts';
import type { Lane } from './lane.ts';

export interface DispatcherOptions {
  readonly slots: CallSlots;
  /** Whether the provider may be called at all now. */
  readonly mayCall: () => boolean;
  /** Whether it may be called once more. */
  readonly mayBegin: () => boolean;
  /** How many messages a lane may begin with while others have to wait. */
  readonly weightOf: (lane: Lane) => number;
  /** What all senders together may ask of the provider. */
  readonly limits: Pick<Limits, 'admitCall' | 'admitMailing' | 'begin' | 'review'>;
  /** Begins with the lane's next message. */
  readonly begin: (lane: Lane) => void;
  /** A lane has begun with a message: it may be time to claim its next batch. */
  readonly onStarted: (lane: Lane) => void;
}

/**
 * Gives the free slots to the lanes in turn and by their weight, one message each, as long as the provider may be called. It is woken
 * where something may have changed (a slot is free, a batch is ready, the gate has opened), and never waits itself.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #ring: Ring<Lane>;
  #pumping = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#ring = new Ring(options.weightOf);
  }

  add(lane: Lane): void {
    this.#ring.add(lane);
  }

  remove(lane: Lane): void {
    this.#ring.remove(lane);
  }

  /** Begins as many calls as there are slots, messages and permission for. */
  pump(): void {
    // What is begun here may come back at once: a breaker that opens, a batch that ends.
    if (this.#pumping) return;
    this.#pumping = true;
    const { slots, mayBegin, mayCall, limits } = this.#options;
    try {
      while (slots.mayBegin && mayBegin() && limits.admitCall()) {
        const lane = this.#ring.take(
          (candidate) => candidate.nextToStart !== undefined && limits.admitMailing(candidate.mailingId),
        );
        if (lane === undefined) break;
        const { calls } = slots;
        this.#options.begin(lane);
        if (slots.calls > calls) limits.begin(lane.mailingId);
        this.#options.onStarted(lane);
      }
    } finally {
      this.#pumping = false;
    }
    if (mayCall()) limits.review();
  }
}
