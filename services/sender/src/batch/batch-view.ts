import type { LocalWindow } from '@herald/contracts';
import type { OpenMailing } from '../mailings/open-mailing.ts';
import type { Standing } from '../mailings/standing.ts';
import type { Lease } from '../ownership/lease.ts';
import type { WindowLook } from '../recipients/window-clock.ts';
import type { BatchDependencies } from './batch-dependencies.ts';
import type { View } from './batch-state.ts';
import type { Decisions } from './decisions.ts';

/** What the transitions of one batch see of the world, at the moment of the last `look`. */
export class BatchView implements View {
  readonly mailingId: string;
  readonly batch: number;
  readonly #tools: BatchDependencies;
  readonly #lease: Lease;
  now = 0;
  open: OpenMailing | undefined;

  constructor(tools: BatchDependencies, lease: Lease, mailingId: string, batch: number) {
    this.#tools = tools;
    this.#lease = lease;
    this.mailingId = mailingId;
    this.batch = batch;
  }

  /** Takes the time, and the mailing as it is known now. */
  refresh(): this {
    this.now = this.#tools.now();
    this.open = this.#tools.mailings.get(this.mailingId);
    return this;
  }

  get decisions(): Decisions {
    return this.#tools.decisions;
  }

  get standing(): Standing | undefined {
    return this.#tools.mailings.standing(this.mailingId, this.now);
  }

  get isPastEnd(): boolean {
    return this.open !== undefined && this.now >= this.open.endAtMs;
  }

  get leaseHeld(): boolean {
    return this.#lease.isHeld;
  }

  get mayCall(): boolean {
    return this.#tools.provider.admission > 0;
  }

  get isTokenRejected(): boolean {
    return this.#tools.provider.tokenRejected;
  }

  get idempotent(): boolean {
    return this.#tools.idempotent;
  }

  get refusalAttempts(): number {
    return this.#tools.refusalAttempts;
  }

  get random(): number {
    return this.#tools.random();
  }

  closedForMs(window: LocalWindow): number {
    return this.#tools.parked.closedForMs(this.mailingId, this.batch, window);
  }

  look(window: LocalWindow, timezone: string): WindowLook {
    return this.#tools.windows.look(window, timezone, this.now);
  }

  untilOpening(window: LocalWindow, timezone: string): number {
    return this.#tools.windows.untilOpening(window, timezone, this.now);
  }
}
