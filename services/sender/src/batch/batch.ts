import {
  type EventBody,
  type EventType,
  eventSubjects,
  type HeraldEvent,
  makeEvent,
} from '@herald/contracts';
import type { Work } from '@herald/event-log';
import type { OpenMailing } from '../mailings/open-mailing.ts';
import { MAILING_ENDED } from '../provider/provider.ts';
import { type BatchEvent, type BatchState, type Conclusion, type Halt, transition } from './batch-state.ts';
import type { BatchTools } from './batch-tools.ts';
import type { Deliverable } from './deliverable.ts';
import { Lease } from './lease.ts';
import type { MessageProgress } from './progress.ts';

/** A message whose turn has come. */
export interface Taken {
  readonly next: Deliverable;
  /** Its mailing as it is now. */
  readonly open: OpenMailing;
  /** False where its client's time zone is none, so that nobody could ever say that the window is open. */
  readonly callable: boolean;
}

/** A delivered batch in this process's hand: its state, its lease, what waits, and the calls under way. */
export class Batch {
  readonly work: Work;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  readonly mailingId: string;
  readonly number: number;
  readonly outcomeSubject: string;
  /** Resolves when the state machine has come to its end. */
  readonly concluded: Promise<Conclusion>;
  /** Aborts whatever is read for a batch that is given up meanwhile. */
  readonly givenUp = new AbortController();
  /** Those whose window was closed when their turn came. */
  readonly passedOver: Deliverable[] = [];
  messages: readonly MessageProgress[] = [];
  readonly #tools: BatchTools;
  readonly #lease: Lease;
  readonly #calls = new Set<AbortController>();
  readonly #conclude: (conclusion: Conclusion) => void;
  #state: BatchState = { kind: 'looking-up' };
  #waiting: Deliverable[] = [];

  constructor(tools: BatchTools, work: Work, queued: HeraldEvent<'MessagesQueued'>) {
    this.#tools = tools;
    this.work = work;
    this.queued = queued;
    this.mailingId = queued.data.mailingId;
    this.number = queued.data.batch;
    this.outcomeSubject = eventSubjects.outcome(this.mailingId, this.number);
    const { promise, resolve } = Promise.withResolvers<Conclusion>();
    this.concluded = promise;
    this.#conclude = resolve;
    this.#lease = new Lease(work, tools.lease, () => this.halt('lease-lost'));
  }

  get state(): BatchState {
    return this.#state;
  }

  /** Messages whose turn has not come: as many as a batch may hold while nobody knows yet. */
  get unstarted(): number {
    if (this.#state.kind === 'looking-up') return this.queued.data.clientIds.length;
    return this.#state.kind === 'sending' ? this.#state.unstarted : 0;
  }

  /** It is known what remains: from now on `takeNext` may be used. */
  beginSending(waiting: Deliverable[]): void {
    this.#waiting = waiting;
    this.#step({ kind: 'looked-up', unstarted: waiting.length });
  }

  /** Begins nothing any more, for this reason or a stronger one. */
  halt(by: Halt): void {
    this.#step({ kind: 'halted', by });
    if (by === 'lease-lost' || by === 'returned') this.givenUp.abort();
  }

  loseLease(): void {
    this.#lease.lose();
  }

  releaseLease(): void {
    this.#lease.release();
  }

  /** Looks at its mailing again: it was changed, or its end has come. Only a batch that is sending has to care. */
  reconsider(now: number): void {
    if (this.#state.kind !== 'sending' && this.#state.kind !== 'draining') return;
    const open = this.#tools.mailings.get(this.mailingId);
    if (open === undefined) {
      this.halt('returned');
      return;
    }
    const standing = this.#tools.mailings.standing(this.mailingId, now);
    if (standing === 'expire' || standing === 'cancel') this.halt('ended-by-decree');
    else if (standing === 'wait') this.halt(open.mailing.status === 'running' ? 'past-end' : 'returned');
    if (now >= open.endAtMs) this.abortCalls(MAILING_ENDED);
  }

  abortCalls(reason: string): void {
    for (const call of this.#calls) call.abort(reason);
  }

  /**
   * Takes the next message, after the last look at the lease, the mailing, its end and the client's window. It counts
   * as in flight from here on.
   *
   * @returns `null` when nothing may be begun now
   */
  takeNext(): Taken | null {
    if (!this.#lease.isHeld) this.#lease.lose();
    const now = Date.now();
    this.reconsider(now);
    const open = this.#tools.mailings.get(this.mailingId);
    if (open === undefined || this.#state.kind !== 'sending') return null;
    const next = this.#waiting.shift();
    if (next === undefined) throw new Error('a batch counts messages that do not wait');
    const { localWindow } = open.mailing;
    const look =
      localWindow === null ? 'open' : this.#tools.windows.look(localWindow, next.recipient.timezone, now);
    if (look === 'closed') {
      this.passedOver.push(next);
      this.#step({ kind: 'passed-over' });
      return null;
    }
    this.#step({ kind: 'started' });
    return { next, open, callable: look === 'open' };
  }

  /** A call is under way that `abortCalls` must reach. */
  callBegan(call: AbortController): void {
    this.#calls.add(call);
  }

  callEnded(call: AbortController): void {
    this.#calls.delete(call);
  }

  /** The outcome of a message stands in the log. */
  recorded(message: MessageProgress): void {
    this.#step({ kind: 'recorded', ended: message.ended });
  }

  /** No call was made for it after all: it is the next one again. */
  notCalled(next: Deliverable): void {
    this.#waiting.unshift(next);
    this.#step({ kind: 'not-called' });
  }

  /** An event that follows from this batch. */
  event<Type extends EventType>(body: EventBody<Type>): HeraldEvent<Type> {
    return makeEvent(
      body,
      { source: 'sender', correlationId: this.queued.correlationid, causationId: this.queued.id },
      new Date(),
    );
  }

  #step(event: BatchEvent): void {
    this.#state = transition(this.#state, event);
    if (this.#state.kind === 'concluded') this.#conclude(this.#state.conclusion);
  }
}
