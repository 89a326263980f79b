import { unwantedMs } from '../back-off.ts';
import type { BatchDependencies } from '../batch/batch-dependencies.ts';
import { Intake } from '../intake/intake.ts';
import type { MailingConsumer } from '../intake/mailing-consumer.ts';
import { MailingQueue } from '../intake/mailing-queue.ts';
import { WorkSource } from '../intake/work-source.ts';
import { Limits, type LimitsOptions, type Waiting } from '../limits/limits.ts';
import { passed } from '../steady-clock.ts';
import { Dispatcher } from './dispatcher.ts';
import { HeldBatches } from './held-batches.ts';

export interface SenderCoreOptions {
  readonly tools: BatchDependencies;
  /** @param startSequence where the mailing's start stands in the log */
  readonly consumerOf: (mailingId: string, startSequence: number) => MailingConsumer;
  /** Where a limit makes batches wait in hand, whom they go to is asked anew after so long, milliseconds. */
  readonly longestHeldMs: number;
  /** Where the provider may not be called, or only once to try, what is in hand goes back after so long, milliseconds. */
  readonly longestShutMs: number;
  readonly limits: Pick<
    LimitsOptions,
    'provider' | 'providerTimeoutMs' | 'coordination' | 'brokerClock' | 'senderId'
  >;
  /** False while this process alone cannot call, so that nothing is to wait here. */
  readonly isFit: () => boolean;
}

/** A stop does not wait longer for a silent broker, milliseconds. */
const LET_GO_MS = 500;

/** Where everything comes together: a queue for each open mailing, claimed from and dispatched in turn. */
export class SenderCore {
  readonly #options: SenderCoreOptions;
  readonly #queues = new Map<string, MailingQueue>();
  readonly #intake: Intake;
  readonly #dispatcher: Dispatcher;
  readonly #held: HeldBatches;
  readonly limits: Limits;
  readonly #forget: () => void;
  #stopHolding: () => void = () => {};
  #stopping = false;
  /** Calls are begun at the end of this turn of the event loop. */
  #isPumpDue = false;
  /** The message that was begun last was the last one of its batch. */
  #isBatchUsedUp = false;
  /** Since when the provider may not be called, or only once to try; by the steady clock. */
  #shutSince: number | null = null;

  constructor(options: SenderCoreOptions) {
    const { tools } = options;
    const slots = tools.slots.total;
    this.#options = options;
    this.#intake = new Intake({
      slots,
      // Batches that nobody resolves the recipients of are not claimed either.
      admission: () => (tools.directory.restLeftMs > 0 ? 0 : tools.provider.admission),
      mailings: tools.mailings,
      mayClaim: () => !tools.undecidables.isStopped,
      now: tools.now,
      clock: tools.clock,
    });
    this.limits = new Limits({
      ...options.limits,
      broker: tools.broker,
      log: tools.log,
      slots,
      inFlight: () => tools.slots.calls,
      waiting: () => this.#waiting(),
      onChange: () => this.#dispatcher.pump(),
    });
    this.#dispatcher = new Dispatcher({
      slots: tools.slots,
      mayCall: () => tools.provider.admission > 0,
      mayBegin: () => !this.#stopping && tools.provider.mayBegin && !tools.undecidables.isStopped,
      limits: this.limits,
      weightOf: (queue) => tools.mailings.priority(queue.mailingId),
      begin: (queue) => this.#begin(queue),
      onStarted: (queue) => this.#started(queue),
    });
    this.#held = new HeldBatches({
      tools,
      onReady: () => this.#dispatcher.pump(),
      onLeft: () => this.wake(),
    });
    this.#watchHolding();
    this.#forget = tools.broker.onChange(() => this.#held.loseLeases());
  }

  get batchesInHand(): number {
    return this.#held.size;
  }

  /** Messages in hand whose call could begin if it were allowed. */
  get messagesWaiting(): number {
    let sum = 0;
    for (const { startable } of this.#queues.values()) sum += startable;
    return sum;
  }

  /** A mailing was opened, changed, came to its end or is open no more. */
  mailingChanged(mailingId: string): void {
    if (this.#stopping) return;
    const open = this.#options.tools.mailings.get(mailingId);
    this.limits.setMailingLimit(mailingId, open?.mailing.rateLimit ?? null);
    if (open === undefined) this.#close(mailingId);
    else if (!this.#queues.has(mailingId)) this.#open(mailingId, open.startedSequence);
    for (const batch of this.#held) {
      if (batch.mailingId === mailingId) batch.tell({ kind: 'mailing-changed' });
    }
    if (open === undefined) this.#options.tools.parked.forget(mailingId);
    else this.#options.tools.parked.callBack(open.mailing);
    this.wake();
  }

  /** Whether the provider may be called has changed. */
  providerChanged(): void {
    if (this.#stopping) return;
    for (const batch of this.#held) batch.tell({ kind: 'provider-changed' });
    this.wake();
  }

  /**
   * A slot is free. Slots that come free in one turn of the event loop are given away together at its end: by then the
   * connection of the call that has ended can be used again, and the next call need not wait in a queue for it.
   */
  slotFreed(): void {
    if (this.#stopping || this.#isPumpDue) return;
    this.#isPumpDue = true;
    this.#options.tools.clock.atEndOfTurn(this.#pumpDue);
  }

  readonly #pumpDue = (): void => {
    this.#isPumpDue = false;
    if (!this.#stopping) this.#dispatcher.pump();
  };

  /** Something that held work up may be over. */
  wake(): void {
    if (this.#stopping) return;
    this.#dispatcher.pump();
    this.#intake.turn();
  }

  /** This process alone cannot go on for now: other senders get what it has in hand at once. */
  handOver(): void {
    this.#held.giveBack();
  }

  /** Begins and claims nothing more: what is in flight is recorded, and the rest goes to other senders. */
  stopIntake(): void {
    this.#held.giveBack();
    this.#intake.turn();
  }

  /** Claims nothing more, and sees to it that what is in hand is recorded or given back. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.#forget();
    this.#stopHolding();
    const { clock, claims } = this.#options.tools;
    const began = clock.now();
    // What is given back must not come straight back to a request of ours that still stands, nor be sent to nobody for
    // one of which the server does not know yet that it is over.
    await this.#intake.close();
    await this.#held.stop(withinMs - (clock.now() - began));
    // What is not let go is free again when its time is over.
    const letGo = Promise.all([claims.settled(), this.limits.close()]);
    await Promise.race([letGo, passed(clock, LET_GO_MS)]);
  }

  *#waiting(): Iterable<Waiting> {
    for (const { mailingId, startable } of this.#queues.values()) {
      if (startable > 0) yield { mailingId, startable };
    }
  }

  #open(mailingId: string, startSequence: number): void {
    const { tools, consumerOf } = this.#options;
    const source: WorkSource = new WorkSource({
      broker: tools.broker,
      consumer: consumerOf(mailingId, startSequence),
      clock: tools.clock,
      log: tools.log,
      mailingId,
      handle: (work) => {
        // Asked for before the trouble began: requests that stand are not taken back.
        const isToBeCalled = tools.mailings.standing(mailingId, tools.now()) === 'send';
        if (tools.undecidables.isStopped) work.giveBack(unwantedMs(tools.random()));
        else if (isToBeCalled && !this.#options.isFit()) work.giveBack(0);
        else this.#held.take(queue, work);
      },
      onOpen: () => {
        tools.parked.disown(mailingId);
        this.wake();
      },
      onIdle: () => this.wake(),
    });
    const queue = new MailingQueue(mailingId, source, tools.clock, tools.slots.total);
    this.#queues.set(mailingId, queue);
    this.#intake.add(queue);
    this.#dispatcher.add(queue);
  }

  #close(mailingId: string): void {
    const queue = this.#queues.get(mailingId);
    if (queue === undefined) return;
    this.#queues.delete(mailingId);
    this.#intake.remove(queue);
    this.#dispatcher.remove(queue);
    void queue.source.close();
  }

  #watchHolding(): void {
    const { longestHeldMs, longestShutMs, tools } = this.#options;
    this.#stopHolding = tools.clock.after(Math.min(longestHeldMs, longestShutMs) / 4, () => {
      this.#giveBackLongHeld();
      this.#watchHolding();
    });
  }

  /**
   * A client may be removed or move while its message waits for hours, and other senders may be better placed: it may
   * be this one's way to the provider that is broken, and not the provider.
   */
  #giveBackLongHeld(): void {
    const { longestHeldMs, longestShutMs, tools } = this.#options;
    const now = tools.clock.now();
    // The one call that tries does not count as open: it comes by every two seconds.
    const isShut = tools.provider.admission <= 1;
    this.#shutSince = isShut ? (this.#shutSince ?? now) : null;
    if (this.#shutSince !== null && now - this.#shutSince >= longestShutMs)
      this.#giveBackTakenBefore(now - longestShutMs);
    else if (this.limits.areSet) this.#giveBackTakenBefore(now - longestHeldMs);
  }

  #giveBackTakenBefore(moment: number): void {
    for (const queue of this.#queues.values()) queue.giveBackTakenBefore(moment);
  }

  #begin(queue: MailingQueue): void {
    const batch = queue.nextToStart;
    batch?.takeTurn();
    this.#isBatchUsedUp = batch?.unstarted === 0;
  }

  /** Only at the two moments that change what may be claimed: this runs for every message. */
  #started(queue: MailingQueue): void {
    if (this.#isBatchUsedUp) queue.usedUp();
    if (this.#isBatchUsedUp || queue.unstarted === queue.ahead - 1) this.#intake.turn();
  }
}
