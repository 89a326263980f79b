import type { HeraldEvent } from '@herald/contracts';
import type { Work } from '@herald/event-log';
import type { Claim } from '../ownership/claims.ts';
import { Lease } from '../ownership/lease.ts';
import type { BatchDependencies } from './batch-dependencies.ts';
import { type BatchEvent, type BatchState, isFinal, type Step, unstartedOf } from './batch-state.ts';
import { BatchView } from './batch-view.ts';
import { type CommandedBatch, CommandRunner } from './command-runner.ts';
import { reasonOf } from './isolation.ts';
import { salvage } from './salvage.ts';

/**
 * A delivered batch in this process's hand: what happens to it goes through the one transition function, and what that
 * asks for is carried out.
 */
export class Batch implements CommandedBatch {
  readonly mailingId: string;
  readonly number: number;
  readonly work: Work;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  readonly #tools: BatchDependencies;
  readonly #lease: Lease;
  readonly #view: BatchView;
  readonly #runner: CommandRunner;
  readonly #onChange: (batch: Batch) => void;
  #state: BatchState = { kind: 'claimed' };

  /** @param onChange its state is of another kind than before */
  constructor(
    tools: BatchDependencies,
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
    this.#lease = new Lease(work, tools.lease, tools.clock, (taken) =>
      this.tell({ kind: 'lease-lost', taken }),
    );
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
      default:
        return unstartedOf(this.#state);
    }
  }

  /** Whether a message waits for its turn; whether the provider may be called is for others to know. */
  get canTakeTurn(): boolean {
    const { kind } = this.#state;
    return (kind === 'sending' || kind === 'waiting') && this.unstarted > 0;
  }

  /**
   * Begins with the next message, if one may be begun; only where `canTakeTurn`.
   */
  takeTurn(): void {
    this.tell({ kind: 'turn' });
  }

  /** From here on nobody knows what the server makes of our delivery. */
  loseLease(): void {
    this.#lease.lose();
  }

  /** Calls that still run are broken off: their answers are lost. */
  abortCalls(reason: string): void {
    this.#runner.abortCalls(reason);
  }

  /** Makes a transition, and begins with what it asks for. Never throws. */
  tell(event: BatchEvent): void {
    const before = this.#state.kind;
    const { state, commands } = this.#next(event);
    this.#state = state;
    if (isFinal(state)) {
      this.#apart(() => this.#runner.close());
      this.#apart(() => this.#lease.release());
    }
    for (const command of commands) this.#runner.run(command);
    if (this.#state.kind === 'draining') this.#runner.hurry();
    if (this.#state.kind !== before) this.#apart(() => this.#onChange(this));
  }

  #next(event: BatchEvent): Step {
    try {
      return this.#tools.transition(this.#state, event, this.#view.refresh());
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
}
