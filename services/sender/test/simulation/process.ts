import { createLogger } from '@herald/service-kit';
import { Registry } from 'prom-client';
import { CallSlots } from '../../src/batch/call-slots.ts';
import { lookUp } from '../../src/batch/look-up.ts';
import { ParkedBatches } from '../../src/batch/parked-batches.ts';
import { transition } from '../../src/batch/transition.ts';
import { Undecidables } from '../../src/batch/undecidables.ts';
import type { BrokerState } from '../../src/broker-state.ts';
import { BrokerClock } from '../../src/clock/broker-clock.ts';
import { SenderCore } from '../../src/delivery/sender-core.ts';
import { endOf } from '../../src/mailings/open-mailing.ts';
import { OpenMailings } from '../../src/mailings/open-mailings.ts';
import { SenderMetrics } from '../../src/metrics.ts';
import { Claims } from '../../src/ownership/claims.ts';
import { Directory } from '../../src/recipients/directory.ts';
import { ACK_WAIT_MS } from './broker.ts';
import { CallingProvider } from './calling-provider.ts';
import { simulatedConsumer } from './consumer.ts';
import { simulatedDirectory } from './directory.ts';
import { idOf } from './ids.ts';
import { simulatedReader, simulatedStore, simulatedWriter } from './log.ts';
import type { Caller } from './provider.ts';
import { sabotaged } from './sabotage.ts';
import type { SenderLink } from './sender-link.ts';
import { REFUSAL_ATTEMPTS, type Surroundings } from './surroundings.ts';
import { simulatedWindows } from './windows.ts';

const GUARD_MS = 100;
/** By how much the clock of a sender is off at most, milliseconds. */
export const CLOCK_TOLERANCE_MS = 80;
const LEASE = { renewEveryMs: 10_000, lostAfterMs: 20_000 };
/** How long an orderly stop waits for calls under way, milliseconds. */
const STOP_WITHIN_MS = 4_500;

const log = createLogger('sender', 'simulated', 'silent');
const metrics = new SenderMetrics(new Registry(), 'simulated');

export interface ProcessOptions {
  readonly world: Surroundings;
  readonly link: SenderLink;
  readonly number: number;
  /** Names the process. */
  readonly owner: string;
  /** Calls at once. */
  readonly slots: number;
  /** Calls under way and outcomes that are not recorded, together. */
  readonly mostOpen: number;
  /** What its clock is ahead of the world's, milliseconds. */
  readonly clockAheadMs: number;
}

/** One life of a sender: the production classes, composed as in `app.ts`, with simulated edges. */
export class SimulatedProcess {
  readonly #world: Surroundings;
  readonly #core: SenderCore;
  readonly #mailings: OpenMailings;
  readonly #provider: CallingProvider;
  readonly #listeners = new Set<(connected: boolean) => void>();
  /** The log is followed up to here. */
  #position = 0;

  constructor(options: ProcessOptions) {
    const { world, link, owner, slots: total, clockAheadMs } = options;
    const { broker, poison, random } = world;
    this.#world = world;
    const clock = link.clock();
    const now = (): number => clock.now() + clockAheadMs;
    const state: BrokerState = {
      connection: { isClosed: () => false },
      fullStreams: { list: () => [] },
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    const parts = sabotaged(
      world.sabotage,
      {
        lease: LEASE,
        lookUp,
        transition: (before, event, view) => {
          poison.strikeSeldom(view);
          return transition(before, event, view);
        },
        writer: simulatedWriter(broker, link, poison),
        store: simulatedStore(broker, link),
        endOf,
        mostOpen: options.mostOpen,
      },
      poison,
    );
    this.#mailings = new OpenMailings({
      now,
      clock,
      guardMs: GUARD_MS,
      endOf: parts.endOf,
      onChange: (mailingId) => this.#core.mailingChanged(mailingId),
    });
    const caller: Caller = { number: options.number, owner, wallClock: now };
    this.#provider = new CallingProvider(world, link, caller);
    const directory = new Directory({
      ask: simulatedDirectory(world, link),
      clock,
      random: () => random.next(),
      onRested: () => this.#core.wake(),
    });
    const slots = new CallSlots({
      total,
      mostOpen: parts.mostOpen,
      onFree: () => this.#core.slotFreed(),
    });
    const undecidables = new Undecidables({
      log,
      metrics,
      now: clock.now,
      onStopped: () => this.#core.stopIntake(),
    });
    const claims = new Claims({
      broker: state,
      store: parts.store,
      writer: parts.writer,
      log,
      owner,
      heldForMs: ACK_WAIT_MS + 2 * CLOCK_TOLERANCE_MS,
      now,
      clock,
      isClockRight: () => true,
    });
    let ids = 0;
    this.#core = new SenderCore({
      consumerOf: () => simulatedConsumer({ broker, link, clock }),
      longestHeldMs: 60_000,
      longestShutMs: 10_000,
      limits: {
        provider: { callsPerSecond: null, callsAtOnce: null },
        providerTimeoutMs: 5_000,
        coordination: parts.store,
        brokerClock: new BrokerClock(clock.now),
        senderId: owner,
      },
      isFit: () => true,
      tools: {
        ...parts,
        broker: state,
        slots,
        reader: simulatedReader(broker, link),
        log,
        metrics,
        mailings: this.#mailings,
        provider: this.#provider,
        parked: new ParkedBatches(clock.now),
        directory,
        windows: simulatedWindows(poison),
        claims,
        decisions: poison.decisions,
        undecidables,
        idempotent: world.idempotent,
        refusalAttempts: REFUSAL_ATTEMPTS,
        now,
        clock,
        newId: () => {
          ids += 1;
          return idOf(ids);
        },
        random: () => random.next(),
      },
    });
  }

  /** Learns the state of the mailing, as the mailing service answers it; then reads the log on from where it was. */
  follow(): void {
    if (this.#position === 0) this.#load();
    for (const { event, sequence } of this.#world.mailing.since(this.#position)) {
      this.#position = sequence;
      this.#mailings.apply(event, sequence);
    }
  }

  /** The connection was lost, or is back. */
  connectionChanged(connected: boolean): void {
    for (const listener of this.#listeners) listener(connected);
  }

  /** @param admission how many calls may be under way */
  admit(admission: number): void {
    this.#provider.admission = admission;
    this.#core.providerChanged();
  }

  /** Resolves when everything in hand is recorded or given back, or its time is over. */
  async stop(): Promise<void> {
    this.#mailings.close();
    await this.#core.stop(STOP_WITHIN_MS);
  }

  #load(): void {
    const { current } = this.#world.mailing;
    this.#position = this.#world.mailing.since(0).length;
    if (current !== undefined) this.#mailings.add(current.mailing, current.sequence, current.startedSequence);
  }
}
