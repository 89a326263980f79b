import type { Broker, Work } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { SteadyClock } from '../steady-clock.ts';
import { INACTIVE_MS, type MailingConsumer } from './mailing-consumer.ts';

export interface WorkSourceOptions {
  readonly broker: Pick<Broker, 'onChange'>;
  readonly consumer: MailingConsumer;
  readonly clock: SteadyClock;
  readonly log: Logger;
  readonly mailingId: string;
  readonly handle: (work: Work) => void;
  /** It can be asked for work (again). */
  readonly onOpen: () => void;
  /** Its last request came to an end with nothing, and it was told that none is wanted. */
  readonly onIdle: () => void;
}

const RETRY_MS = 1_000;
const RECONNECTED = 'reconnected';
const UNUSED = 'not used for long';

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly queue: ReturnType<MailingConsumer['pull']> }
  | { readonly kind: 'waiting'; readonly stopTimer: () => void }
  | { readonly kind: 'closed' };

/** The shared durable consumer of one mailing, made where it is missing and again whenever it is lost. */
export class WorkSource {
  readonly #options: WorkSourceOptions;
  readonly #forget: () => void;
  #state: State = { kind: 'opening' };
  #askedAt: number;

  constructor(options: WorkSourceOptions) {
    this.#options = options;
    this.#askedAt = options.clock.now();
    // Requests that stood before a reconnect are gone with the old connection: nobody would ever answer them.
    this.#forget = options.broker.onChange((connected) => {
      if (connected) this.#reopen(RECONNECTED);
    });
    void this.#open();
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  /** How many deliveries may still come for requests that stand. */
  get outstanding(): number {
    return this.#state.kind === 'open' ? this.#state.queue.outstanding : 0;
  }

  /** How long the newest request stands, milliseconds; what was there came within a fraction of a second. */
  get askedMsAgo(): number {
    return this.#options.clock.now() - this.#askedAt;
  }

  /** Sets how many deliveries may come from now on; those asked for before may come all the same. */
  want(count: number): void {
    if (this.#state.kind !== 'open') return;
    const { queue } = this.#state;
    if (count > queue.outstanding) {
      // After a long pause the consumer may be gone, and a server of 2.9 leaves a request to it unanswered.
      if (this.askedMsAgo > INACTIVE_MS / 2) {
        this.#askedAt = this.#options.clock.now();
        this.#reopen(UNUSED);
        return;
      }
      this.#askedAt = this.#options.clock.now();
    }
    queue.want(count);
  }

  /** Resolves when what the server had already sent is given back, half a second later at most; never rejects. */
  async close(): Promise<void> {
    this.#forget();
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'waiting') state.stopTimer();
    if (state.kind === 'open') await state.queue.close();
  }

  async #open(): Promise<void> {
    const { consumer, mailingId, log } = this.#options;
    try {
      await consumer.ensure();
    } catch (error) {
      log.warn({ err: error, mailingId }, 'the consumer of a mailing cannot be made yet');
      this.#openLater();
      return;
    }
    if (this.#state.kind !== 'opening') return;
    this.#listen();
  }

  #listen(): void {
    const { consumer, handle, onOpen, onIdle } = this.#options;
    const queue = consumer.pull({
      handle,
      idle: onIdle,
      lost: (reason) => this.#reopen(reason),
    });
    this.#state = { kind: 'open', queue };
    onOpen();
  }

  #reopen(reason: string): void {
    if (this.#state.kind !== 'open') return;
    const { log, mailingId } = this.#options;
    log.info({ mailingId, reason }, 'the consumer of a mailing is opened again');
    void this.#state.queue.close();
    switch (reason) {
      // The consumer is where it was; if not, nothing will be heard of it, and it is made anew then.
      case RECONNECTED:
        this.#listen();
        return;
      case UNUSED:
        this.#state = { kind: 'opening' };
        void this.#open();
        return;
      default:
        this.#openLater();
    }
  }

  #openLater(): void {
    if (this.#state.kind === 'closed') return;
    const stopTimer = this.#options.clock.after(RETRY_MS, () => {
      this.#state = { kind: 'opening' };
      void this.#open();
    });
    this.#state = { kind: 'waiting', stopTimer };
  }
}
