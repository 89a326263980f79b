import { eventSubjects } from '@herald/contracts';
import type { Delivery, WorkQueueOptions } from '@herald/event-log';
import type { MailingConsumer } from '../../src/intake/mailing-consumer.ts';
import type { SteadyClock } from '../../src/steady-clock.ts';
import type { DeliveryRequest, SimulatedBroker } from './broker.ts';
import { MAILING_ID } from './ids.ts';
import type { SenderLink } from './sender-link.ts';

const REQUEST_MS = 5_000;
const CONFIRM_MS = 5_000;
const GIVE_BACK_WITHIN_MS = 30_000;
/** A broker that is silent at a stop is not waited for longer, milliseconds. */
const DRAIN_MS = 500;
/** So long without a sign of life a consumer counts as lost, milliseconds. */
const SILENT_MS = 12_500;

export interface ConsumerDependencies {
  readonly broker: SimulatedBroker;
  readonly link: SenderLink;
  readonly clock: SteadyClock;
}

/** The consumer of the simulated broker, over a connection. */
export const simulatedConsumer = (dependencies: ConsumerDependencies): MailingConsumer => ({
  ensure: () => dependencies.link.ask(REQUEST_MS, () => {}),
  pull: (options) => new SimulatedQueue(dependencies, options),
});

/** Pulls by credit, as the production queue does. */
class SimulatedQueue {
  readonly #dependencies: ConsumerDependencies;
  readonly #options: Parameters<MailingConsumer['pull']>[0];
  readonly #requests = new Set<DeliveryRequest>();
  #wanted = 0;
  #isClosed = false;
  /** Deliveries that came after the end, until the broker has heard of it. */
  #late: Delivery[] | null = [];

  constructor(
    dependencies: ConsumerDependencies,
    options: Pick<WorkQueueOptions, 'handle' | 'idle' | 'lost'>,
  ) {
    this.#dependencies = dependencies;
    this.#options = options;
  }

  get outstanding(): number {
    return this.#requests.size;
  }

  want(count: number): void {
    this.#wanted = count;
    this.#ask();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { broker, link } = this.#dependencies;
    const requests = [...this.#requests];
    const withdraw = (): void => {
      for (const request of requests) broker.withdraw(request);
    };
    await link.ask(DRAIN_MS, withdraw).catch(() => {});
    for (const work of this.#late ?? []) work.giveBack(0);
    this.#late = null;
  }

  #ask(): void {
    while (!this.#isClosed && this.#wanted > this.#requests.size) this.#request();
  }

  #request(): void {
    const { broker, link } = this.#dependencies;
    const here = link.inThisLife();
    const isOpen = (): boolean => this.#requests.has(request);
    const request: DeliveryRequest = {
      link,
      deliver: (batch) => {
        const arrives = (): boolean => link.isUp && isOpen();
        if (link.isUp) here(link.latency(), () => this.#delivered(request, batch), arrives);
      },
      expire: () => here(link.latency(), () => this.#expired(request), isOpen),
      forget: () => here(SILENT_MS, () => this.#lost(), isOpen),
    };
    this.#requests.add(request);
    if (link.isUp) broker.request(request);
  }

  #delivered(request: DeliveryRequest, batch: number): void {
    this.#requests.delete(request);
    const work = workOf(this.#dependencies, batch);
    if (!this.#isClosed) {
      this.#wanted = Math.max(0, this.#wanted - 1);
      this.#options.handle(work);
    } else if (this.#late === null) work.giveBack(0);
    else this.#late.push(work);
  }

  #expired(request: DeliveryRequest): void {
    this.#requests.delete(request);
    this.#ask();
    if (!this.#isClosed && this.outstanding === 0) this.#options.idle?.();
  }

  #lost(): void {
    if (this.#isClosed) return;
    void this.close();
    this.#options.lost('nothing heard');
  }
}

function workOf({ broker, link, clock }: ConsumerDependencies, batch: number): Delivery {
  let words = 0;
  return {
    subject: eventSubjects.queued(MAILING_ID, batch),
    sequence: broker.sequenceOf(batch),
    storedAt: 0,
    text: broker.slot(batch).text,
    done: async () => {
      const heard = await link.untilHeard(() => () => broker.acknowledge(batch), CONFIRM_MS);
      if (heard === null) throw new Error('an acknowledgement was not confirmed');
    },
    // No batch is ended without a confirmation.
    acknowledge: () => {},
    terminate: () => {},
    giveBack: (delayMs) => {
      words += 1;
      const mine = words;
      const dueAt = clock.now() + delayMs;
      // A second, shorter delay takes the place of the first.
      const say = () => {
        const leftMs = Math.max(0, dueAt - clock.now());
        return mine === words ? () => broker.giveBack(batch, leftMs) : null;
      };
      void link.untilHeard(say, GIVE_BACK_WITHIN_MS);
    },
    renew: (timeoutMs) => link.ask(timeoutMs, () => broker.renew(batch)),
  };
}
