import type { BatchTools } from '../batch/batch-tools.ts';
import { deliverNext } from '../batch/deliver.ts';
import { Claimer } from '../claiming/claimer.ts';
import { WorkSource } from '../claiming/work-source.ts';
import { Dispatcher } from './dispatcher.ts';
import { Hands } from './hands.ts';
import { Lane } from './lane.ts';

export interface DeskOptions {
  readonly tools: BatchTools;
  readonly slots: number;
  readonly ackWaitMs: number;
  /** False while this process alone cannot call, so that nothing is to wait in its hands. */
  readonly isFit: () => boolean;
}

/** Where everything comes together: a lane for each open mailing, claimed from and dispatched in turn. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #claimer: Claimer;
  readonly #dispatcher: Dispatcher;
  readonly #hands: Hands;
  readonly #refillBelow: number;
  readonly #forget: () => void;
  #stopping = false;

  constructor(options: DeskOptions) {
    const { tools, slots } = options;
    this.#options = options;
    this.#refillBelow = Math.ceil(slots / 4);
    this.#claimer = new Claimer({
      slots,
      // Batches that nobody resolves the recipients of are not claimed either.
      admission: () => (tools.directory.restLeftMs > 0 ? 0 : tools.provider.admission),
      mailings: tools.mailings,
    });
    this.#dispatcher = new Dispatcher({
      slots,
      mayBegin: () => tools.provider.mayBegin,
      begin: (lane) => {
        const batch = lane.nextToStart;
        return batch === undefined ? null : deliverNext(tools, batch);
      },
      onStarted: (lane) => this.#started(lane),
    });
    this.#hands = new Hands({
      tools,
      onReady: () => this.#dispatcher.pump(),
      onLeft: () => this.wake(),
    });
    // From here on nobody knows what the server makes of our deliveries.
    this.#forget = tools.broker.onChange(() => this.#hands.loseLeases());
  }

  get slotsInUse(): number {
    return this.#dispatcher.used;
  }

  get batchesInHand(): number {
    return this.#hands.size;
  }

  /** A mailing was opened, changed, came to its end or is open no more. */
  meet(mailingId: string): void {
    if (this.#stopping) return;
    const open = this.#options.tools.mailings.get(mailingId);
    if (open === undefined) this.#close(mailingId);
    else if (!this.#lanes.has(mailingId)) this.#open(mailingId, open.startedSequence);
    const now = Date.now();
    for (const batch of this.#hands) if (batch.mailingId === mailingId) batch.reconsider(now);
    if (open !== undefined) this.#options.tools.parked.callBack(open.mailing);
    this.wake();
  }

  /** Something that held work up may be over. */
  wake(): void {
    if (this.#stopping) return;
    this.#dispatcher.pump();
    this.#claimer.turn();
  }

  /** This process alone cannot go on for now: other senders get what it has in hand at once. */
  handOver(): void {
    this.#hands.giveBack();
  }

  /** Claims nothing more, and sees to it that what is in hand is recorded or given back. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.#forget();
    // First: what is given back must not come straight back to a request of ours that still stands.
    this.#claimer.close();
    await this.#hands.stop(withinMs);
  }

  #open(mailingId: string, startSequence: number): void {
    const { tools, ackWaitMs } = this.#options;
    const source: WorkSource = new WorkSource({
      broker: tools.broker,
      log: tools.log,
      mailingId,
      startSequence,
      ackWaitMs,
      handle: (work) => {
        // Asked for before the trouble began: requests that stand are not taken back.
        const isToBeCalled = tools.mailings.standing(mailingId, Date.now()) === 'send';
        if (isToBeCalled && !this.#options.isFit()) work.giveBack(0);
        else this.#hands.take(lane, work);
      },
      onOpen: () => {
        tools.parked.disown(mailingId);
        this.wake();
      },
    });
    const lane = new Lane(mailingId, source);
    this.#lanes.set(mailingId, lane);
    this.#claimer.add(lane);
    this.#dispatcher.add(lane);
  }

  #close(mailingId: string): void {
    const lane = this.#lanes.get(mailingId);
    if (lane === undefined) return;
    this.#lanes.delete(mailingId);
    this.#claimer.remove(lane);
    this.#dispatcher.remove(lane);
    lane.source.close();
    this.#options.tools.parked.forget(mailingId);
  }

  /** Only at the two moments that change what may be claimed: this runs for every message. */
  #started(lane: Lane): void {
    const { unstarted } = lane;
    if (unstarted === 0 || unstarted === this.#refillBelow - 1) this.#claimer.turn();
  }
}
