import type { LocalWindow } from '@herald/contracts';
import {
  type BatchEvent,
  type BatchState,
  type Command,
  isFinal,
  type Step,
  unstartedOf,
  type View,
} from '../../src/batch/batch-state.ts';
import type { Decisions } from '../../src/batch/decisions.ts';
import { isolated } from '../../src/batch/isolation.ts';
import { OutcomeRecorder, type Recording, type WriteFailure } from '../../src/batch/outcome-recorder.ts';
import type { ParkedBatches } from '../../src/batch/parked-batches.ts';
import { endAll, foldOutcome, initialProgress } from '../../src/batch/progress.ts';
import { salvage } from '../../src/batch/salvage.ts';
import { transition } from '../../src/batch/transition.ts';
import { afterIsolated } from '../../src/batch/undecided.ts';
import type { OpenMailing } from '../../src/mailings/open-mailing.ts';
import type { Standing } from '../../src/mailings/standing.ts';
import { tellsOfMessage } from '../../src/provider/answer.ts';
import type { Recipient } from '../../src/recipients/directory.ts';
import type { WindowLook } from '../../src/recipients/window-clock.ts';
import { ACK_WAIT_MS } from './broker.ts';
import { isWindowOpen, untilWindowOpens } from './mailing.ts';
import type { SenderLink } from './sender-link.ts';
import { REFUSAL_ATTEMPTS, type Surroundings } from './surroundings.ts';

export const LEASE = { renewEveryMs: 10_000, lostAfterMs: 20_000 };
const REQUEST_MS = 5_000;

/** The sender that has a batch in its hand. */
export interface Holder {
  readonly number: number;
  readonly link: SenderLink;
  /** Names the process. */
  readonly owner: string;
  /** By its own clock, milliseconds. */
  readonly clock: number;
  readonly open: OpenMailing | undefined;
  readonly standing: Standing | undefined;
  readonly mayCall: boolean;
  readonly parked: ParkedBatches;
  isLeaseHeld(confirmedAt: number): boolean;
  /** The batch is in its hand no more. */
  left(batch: number): void;
  /** Something may be begun. */
  look(): void;
}

/** A batch in the hand of a simulated sender: the production transitions, carried out in the simulated world. */
export class SimulatedBatch implements View {
  readonly batch: number;
  readonly mailingId: string;
  readonly #world: Surroundings;
  readonly #sender: Holder;
  readonly #calls = new Set<() => void>();
  readonly #recorder = new OutcomeRecorder({
    write: (outcomes, told) => this.#write(outcomes, told),
    onRecorded: (outcomes) => this.tell({ kind: 'recorded', outcomes }),
    underWay: () => (this.#world.idempotent ? this.#calls.size : 0),
    soon: (act) => {
      let isWanted = true;
      this.#sender.link.here(5, () => {
        if (isWanted) act();
      });
      return () => {
        isWanted = false;
      };
    },
    onUnrecorded: ({ place, body, isLastTry }, { why, reason }) => {
      const isLast = isLastTry || this.#world.sabotage === 'isolation';
      this.tell({ kind: 'unrecorded', place, body, isLastTry: isLast, why, reason });
    },
  });
  state: BatchState = { kind: 'claimed' };
  #confirmedAt: number;
  #leaseLost = false;
  #claim: number | null = null;
  #isUntouched = false;
  #renewals = 0;

  constructor(world: Surroundings, sender: Holder, batch: number) {
    this.#world = world;
    this.#sender = sender;
    this.batch = batch;
    this.mailingId = world.mailingId;
    this.#confirmedAt = world.schedule.now;
    this.#renewIn(LEASE.renewEveryMs);
  }

  // What the transitions see.
  get now(): number {
    return this.#sender.clock;
  }
  get standing(): Standing | undefined {
    return this.#sender.standing;
  }
  get open(): OpenMailing | undefined {
    return this.#sender.open;
  }
  get isPastEnd(): boolean {
    return this.open !== undefined && this.now >= this.open.endAtMs && this.#world.sabotage !== 'deadline';
  }
  get leaseHeld(): boolean {
    return !this.#leaseLost && this.#sender.isLeaseHeld(this.#confirmedAt);
  }
  readonly isTokenRejected = false;

  get mayCall(): boolean {
    return this.#sender.mayCall;
  }
  get idempotent(): boolean {
    return this.#world.idempotent;
  }
  get decisions(): Decisions {
    return this.#world.poison.decisions;
  }
  readonly refusalAttempts = REFUSAL_ATTEMPTS;
  get random(): number {
    return this.#world.random.next();
  }
  closedForMs(window: LocalWindow): number {
    return this.#sender.parked.closedForMs(this.mailingId, this.batch, window);
  }
  look(window: LocalWindow, timezone: string): WindowLook {
    this.#world.poison.strikeZone('window', timezone);
    return isWindowOpen(window, timezone, this.now) ? 'open' : 'closed';
  }
  untilOpening(window: LocalWindow, timezone: string): number {
    this.#world.poison.strikeZone('opening', timezone);
    return untilWindowOpens(window, timezone, this.now);
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls.size;
  }

  get unstarted(): number {
    return this.state.kind === 'claimed' || this.state.kind === 'resolving'
      ? this.#queued.clientIds.length
      : unstartedOf(this.state);
  }

  get canTakeTurn(): boolean {
    return (this.state.kind === 'sending' || this.state.kind === 'waiting') && this.unstarted > 0;
  }

  tell(event: BatchEvent): void {
    if (isFinal(this.state)) return;
    const { state, commands } = this.#next(event);
    this.state = state;
    if (isFinal(state)) {
      this.#release();
      this.#sender.left(this.batch);
    }
    for (const command of commands) this.#carryOut(command);
    if (this.state.kind === 'draining') this.#recorder.hurry();
  }

  #next(event: BatchEvent): Step {
    const { poison, sabotage } = this.#world;
    const { strikes } = poison;
    const step = isolated(() => transition(this.state, event, this.#look()));
    if (sabotage !== 'isolation') return step.ok ? step.value : salvage(this.state, event, this);
    // As if there were no safeguard: an exception anywhere in it lets the batch go.
    if (step.ok && strikes === poison.strikes) return step.value;
    return { state: { kind: 'abandoned' }, commands: [{ kind: 'stop-reading' }] };
  }

  #look(): this {
    const { poison, endAtMs } = this.#world;
    const isPoisoned =
      poison.messageId >= this.#queued.firstMessageId &&
      poison.messageId < this.#queued.firstMessageId + this.#queued.clientIds.length;
    if (isPoisoned && this.now < endAtMs) poison.strikeSeldom();
    return this;
  }

  loseLease(taken = false): void {
    if (this.#world.sabotage === 'fencing' || this.#leaseLost) return;
    this.#leaseLost = true;
    this.tell({ kind: 'lease-lost', taken });
  }

  abortCalls(): void {
    for (const abort of [...this.#calls]) abort();
  }

  get #queued() {
    return this.#world.broker.slot(this.batch).queued;
  }

  #carryOut(command: Command): void {
    const { broker } = this.#world;
    const { link } = this.#sender;
    const failed = (): void => this.tell({ kind: 'failed' });
    switch (command.kind) {
      case 'claim':
        this.#take();
        break;
      case 'look-up':
        if (this.#isUntouched) {
          this.tell({ kind: 'looked-up', found: { kind: 'open', messages: initialProgress(this.#queued) } });
          break;
        }
        link.request(
          REQUEST_MS,
          () => this.#read(),
          (found) => this.tell({ kind: 'looked-up', found }),
          failed,
        );
        break;
      case 'resolve':
        this.#resolve(command.clientIds);
        break;
      case 'call':
        this.#call(command);
        break;
      case 'record':
        this.#recorder.add({
          place: command.place,
          body: command.body,
          isLastTry: command.isLastTry ?? false,
          at: this.now,
        });
        break;
      case 'end-rest': {
        let open = command.bodies.length;
        for (const body of command.bodies) {
          link.append(
            () => broker.append(this.batch, body),
            () => {
              open -= 1;
              if (open === 0) this.tell({ kind: 'rest-ended' });
            },
          );
        }
        break;
      }
      case 'complete':
        link.append(
          () => broker.complete(this.batch),
          () => this.#acknowledge(),
        );
        break;
      case 'acknowledge':
        this.#acknowledge();
        break;
      case 'give-back': {
        const work = {
          giveBack: (delayMs: number) =>
            link.append(
              () => broker.giveBack(this.batch, delayMs),
              () => {},
            ),
        };
        this.#sender.parked.park({ mailingId: this.mailingId, number: this.batch, work }, command.deferral);
        break;
      }
      case 'abort-calls':
        this.abortCalls();
        break;
      case 'stop-reading':
      case 'say-undecided':
      case 'say-broken':
        break;
      default:
        command satisfies never;
    }
  }

  #write(outcomes: readonly Recording[], told: (failure: WriteFailure | null) => void): void {
    const { broker, poison, sabotage } = this.#world;
    for (const { body, isLastTry } of outcomes) {
      const written = isolated(() => {
        if (!isLastTry) poison.strike('record', body.data.messageId);
      });
      if (written.ok) continue;
      told({ why: 'refused', reason: written.reason });
      return;
    }
    const recorded = (): void => {
      told(null);
      this.#sender.look();
    };
    // As if what gathers were taken for recorded: all but the first of a record is lost.
    const kept = sabotage === 'gathering' ? outcomes.slice(0, 1) : outcomes;
    this.#sender.link.append(() => {
      for (const { body } of kept) broker.append(this.batch, body);
    }, recorded);
  }

  /** One request where nobody has claimed it before, and beside it a look at its outcomes; three where somebody has. */
  #take(): void {
    const { broker, sabotage } = this.#world;
    const { link, owner } = this.#sender;
    const failed = (): void => this.tell({ kind: 'failed' });
    if (sabotage === 'claims') {
      this.tell({ kind: 'claimed', ours: true });
      return;
    }
    let untouched = false;
    link.request(
      REQUEST_MS,
      () => broker.slot(this.batch).outcomes.length === 0,
      (isEmpty) => {
        untouched = isEmpty;
      },
      () => {},
    );
    link.request(
      REQUEST_MS,
      () => broker.claim(this.batch, owner, true, 0),
      (sequence) => {
        if (sequence === null) return this.#takeOver(failed);
        this.#isUntouched = untouched;
        this.#taken(sequence);
      },
      failed,
    );
  }

  #takeOver(failed: () => void): void {
    const { broker } = this.#world;
    const { link, owner } = this.#sender;
    link.request(
      REQUEST_MS,
      () => broker.slot(this.batch).claim,
      (claim) => {
        const isFresh = claim !== null && this.#sender.clock - claim.storedAt < ACK_WAIT_MS;
        if (claim?.held && isFresh && claim.owner !== owner)
          return this.tell({ kind: 'claimed', ours: false });
        link.request(
          REQUEST_MS,
          () => broker.claim(this.batch, owner, true, claim?.sequence ?? 0),
          (sequence) => this.#taken(sequence),
          failed,
        );
      },
      failed,
    );
  }

  #taken(sequence: number | null): void {
    const { broker } = this.#world;
    const { link, owner } = this.#sender;
    if (sequence !== null && isFinal(this.state)) {
      link.append(
        () => broker.claim(this.batch, owner, false, sequence),
        () => {},
      );
      return;
    }
    this.#claim = sequence;
    this.tell({ kind: 'claimed', ours: sequence !== null });
  }

  #read() {
    const slot = this.#world.broker.slot(this.batch);
    if (slot.completedAt !== null) return { kind: 'completed' as const };
    const messages = initialProgress(slot.queued);
    if (this.#world.sabotage !== 'idempotence') {
      const { after } = this.decisions;
      for (const { body } of slot.outcomes) {
        if (body.type === 'MessagesExpired' || body.type === 'MessagesCancelled') {
          endAll(messages, body.data.messageIds);
        } else {
          foldOutcome(messages, body, (message, outcome) => afterIsolated(message, outcome, after).message);
        }
      }
    }
    return { kind: 'open' as const, messages };
  }

  #resolve(clientIds: string[]): void {
    const { random, schedule, recipientOf } = this.#world;
    const recipients = new Map<string, Recipient>();
    this.#sender.link.here(random.between(2, 20), () => {
      const isAway = random.chance(0.03);
      for (const id of clientIds) {
        const recipient = recipientOf(id, schedule.now);
        if (recipient !== null) recipients.set(id, recipient);
      }
      this.tell({ kind: 'resolved', recipients: isAway ? null : recipients, restMs: 500 });
      this.#sender.look();
    });
  }

  #call({ place, messageId, open }: Extract<Command, { kind: 'call' }>): void {
    const { provider, poison } = this.#world;
    const { link, clock } = this.#sender;
    const mailingVersion = open.mailing.version;
    const prepared = isolated(() => poison.strike('call', messageId));
    if (!prepared.ok) {
      this.tell({ kind: 'call-broke', place, mailingVersion, asked: false, reason: prepared.reason });
      return;
    }
    const here = link.inThisLife();
    const toTheEndMs = this.#world.sabotage === 'deadline' ? Number.POSITIVE_INFINITY : open.endAtMs - clock;
    const abort = provider.call(messageId, this.#sender, toTheEndMs, (call, answer) => {
      here(0, () => {
        this.#calls.delete(abort);
        call.answer = answer;
        const made = tellsOfMessage(answer) ? { answer, startedAt: call.startedAt, durationMs: 1 } : null;
        const ended = isolated(() => poison.strike('answer', messageId));
        if (ended.ok) this.tell({ kind: 'called', place, made, mailingVersion });
        else this.tell({ kind: 'call-broke', place, mailingVersion, asked: true, reason: ended.reason });
        this.#sender.look();
      });
    });
    this.#calls.add(abort);
  }

  #acknowledge(): void {
    const { broker } = this.#world;
    this.#sender.link.request(
      REQUEST_MS,
      () => broker.acknowledge(this.batch),
      () => this.tell({ kind: 'completed' }),
      () => this.tell({ kind: 'failed' }),
    );
  }

  #release(): void {
    this.#renewals += 1;
    const { broker } = this.#world;
    const { link, owner } = this.#sender;
    const claim = this.#claim;
    if (claim !== null)
      link.append(
        () => broker.claim(this.batch, owner, false, claim),
        () => {},
      );
    this.#claim = null;
  }

  #renewIn(milliseconds: number): void {
    const renewal = this.#renewals;
    this.#sender.link.here(milliseconds, () => {
      if (renewal === this.#renewals) this.#renew();
    });
  }

  #renew(): void {
    const { broker, schedule, sabotage } = this.#world;
    const { link, owner } = this.#sender;
    if (!this.leaseHeld) {
      this.loseLease();
      return;
    }
    const askedAt = schedule.now;
    const claim = this.#claim;
    link.request(
      LEASE.renewEveryMs / 2,
      () => {
        broker.renew(this.batch);
        if (claim === null) return 'renewed';
        const sequence = broker.claim(this.batch, owner, true, claim);
        if (sequence !== null) return sequence;
        const last = broker.slot(this.batch).claim;
        return last?.owner === owner ? last.sequence : 'lost';
      },
      (answer) => {
        if (isFinal(this.state)) return;
        if (answer === 'lost' && sabotage !== 'fencing') {
          this.loseLease(true);
          return;
        }
        if (typeof answer === 'number' && this.#claim !== null) this.#claim = answer;
        this.#confirmedAt = askedAt;
        this.#renewIn(LEASE.renewEveryMs);
      },
      () => this.#renewIn(LEASE.renewEveryMs / 10),
    );
  }
}
