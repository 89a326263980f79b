import type { HeraldEvent } from '@herald/contracts';
import type { Work } from '@herald/event-log';
import { type BatchEvent, type BatchState, type Command, isFinal, type Step } from './batch-state.ts';
import type { BatchTools } from './batch-tools.ts';
import { BatchView } from './batch-view.ts';
import type { Claim } from './claims.ts';
import { type CommandedBatch, CommandRunner } from './command-runner.ts';
import { reasonOf } from './isolation.ts';
import { Lease } from './lease.ts';
import { salvage } from './salvage.ts';
import { transition } from './transition.ts';

/**
 * A delivered batch in this process's hand: what happens to it goes through the one transition function, and what that
 * asks for is carried out.
 */
export class Batch implements CommandedBatch {
  readonly mailingId: string;
  readonly number: number;
  readonly work: Work;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  readonly #tools: BatchTools;
  readonly #lease: Lease;
  readonly #view: BatchView;
  readonly #runner: CommandRunner;
  readonly #onChange: (batch: Batch) => void;
  #state: BatchState = { kind: 'claimed' };

  /** @param onChange its state is of another kind than before */
  constructor(
    tools: BatchTools,
    work: Work,
    queued: HeraldEvent<'MessagesQueued'>,
    onChange: (batch: Batch) => void,
  ) {
    this.#tools = tools;
    this.work = work;
    this.queued = queued;
    this.mailingId = queued.data.mailingId;
    this.number = queued.data.batch;
    this.#onChange = onChange;
    this.#lease = new Lease(work, tools.lease, (taken) => this.tell({ kind: 'lease-lost', taken }));
    this.#view = new BatchView(tools, this.#lease, this.mailingId, this.number);
    this.#runner = new CommandRunner(tools, this);
  }

  /** It is ours, and stays so as long as its lease is renewed. */
  claimed(claim: Claim): void {
    this.#lease.cover(claim);
    this.tell({ kind: 'claimed', ours: true });
  }

  get state(): BatchState {
    return this.#state;
  }

  /** Messages whose turn has not come: as many as the batch holds while nobody knows yet. */
  get unstarted(): number {
    switch (this.#state.kind) {
      case 'claimed':
      case 'resolving':
        return this.queued.data.clientIds.length;
      case 'sending':
      case 'waiting':
        return this.#state.queue.length;
      default:
        return 0;
    }
  }

  /** Whether a message waits for its turn; whether the provider may be called is for others to know. */
  get canTakeTurn(): boolean {
    const { kind } = this.#state;
    return (kind === 'sending' || kind === 'waiting') && this.unstarted > 0;
  }

  /**
   * Begins with the next message, if one may be begun; only where `canTakeTurn`.
   *
   * @returns resolves when what came of it stands in the log, so that a slot is never free while an outcome could still
   *   be lost; never rejects. `null` when nothing was begun
   */
  takeTurn(): Promise<unknown> | null {
    return this.tell({ kind: 'turn' });
  }

  /** From here on nobody knows what the server makes of our delivery. */
  loseLease(): void {
    this.#lease.lose();
  }

  /** Calls that still run are broken off: their answers are lost. */
  abortCalls(reason: string): void {
    this.#runner.abortCalls(reason);
  }

  /**
   * Makes a transition, and begins with what it asks for.
   *
   * @returns resolves when all of that is carried out, never rejects; `null` when nothing takes any time
   */
  tell(event: BatchEvent): Promise<unknown> | null {
    const before = this.#state.kind;
    const { state, commands } = this.#next(event);
    this.#state = state;
    if (isFinal(state)) this.#apart(() => this.#lease.release());
    const carriedOut = this.#carryOut(commands);
    if (this.#state.kind !== before) this.#apart(() => this.#onChange(this));
    return carriedOut;
  }

  #next(event: BatchEvent): Step {
    try {
      return transition(this.#state, event, this.#view.refresh());
    } catch (error) {
      this.#sayBroken(error);
      return salvage(this.#state, event, this.#view);
    }
  }

  /** Does what the batch itself does not depend on. */
  #apart(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#sayBroken(error);
    }
  }

  #sayBroken(error: unknown): void {
    this.#tools.undecidables.batch(this.mailingId, this.number, reasonOf(error));
  }

  #carryOut(commands: readonly Command[]): Promise<unknown> | null {
    let all: Promise<unknown> | null = null;
    for (const command of commands) {
      const one = this.#runner.run(command);
      if (one !== null) all = all === null ? one : Promise.all([all, one]);
    }
    return all;
  }
}
