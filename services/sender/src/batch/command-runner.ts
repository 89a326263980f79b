import { type EventBody, eventSubjects, groupOutcome, type HeraldEvent, makeEvent } from '@herald/contracts';
import {
  appendExpecting,
  LogFullError,
  RecordsFullError,
  type Work,
  WriterClosedError,
} from '@herald/event-log';
import type { Claim } from '../ownership/claims.ts';
import type { Answer } from '../provider/answer.ts';
import { CallAbort } from '../provider/call-abort.ts';
import { MAILING_ENDED } from '../provider/provider.ts';
import type { BatchDependencies } from './batch-dependencies.ts';
import type { BatchEvent, Command, Unwritten } from './batch-state.ts';
import { reasonOf } from './isolation.ts';
import { isUntouched, type LookedUp } from './look-up.ts';
import { OutcomeRecorder, type Recording, type WriteFailure } from './outcome-recorder.ts';
import { initialProgress, type OutcomeBody } from './progress.ts';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

interface CallUnderWay {
  readonly place: number;
  readonly mailingVersion: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** On the clock of `performance.now()`. */
  readonly began: number;
  readonly abort: CallAbort;
}

/** The batch as its commands know it. */
export interface CommandedBatch {
  readonly mailingId: string;
  readonly number: number;
  readonly work: Work;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  tell(event: BatchEvent): void;
  claimed(claim: Claim): void;
}

/** Carries out what the transitions of one batch ask for, and tells the batch what came of it. */
export class CommandRunner {
  readonly #tools: BatchDependencies;
  readonly #batch: CommandedBatch;
  readonly #calls = new Set<CallAbort>();
  /** Places of messages that were called for and whose outcome is not recorded. */
  readonly #open = new Set<number>();
  readonly #recorder: OutcomeRecorder;
  readonly #reading = new AbortController();
  #isUntouched = false;

  constructor(tools: BatchDependencies, batch: CommandedBatch) {
    this.#tools = tools;
    this.#batch = batch;
    this.#recorder = new OutcomeRecorder({
      write: (outcomes, told) => void this.#write(outcomes).then(told),
      onRecorded: (outcomes) => this.#recorded(outcomes),
      onUnrecorded: (outcome, failure) => this.#unrecorded(outcome, failure),
    });
  }

  /** Begins to carry out a command. Never throws: the batch is told what came of it. */
  run(command: Command): void {
    try {
      this.#begin(command)?.catch((error) => this.#broke(command, error));
    } catch (error) {
      this.#broke(command, error);
    }
  }

  /** Outcomes do not gather any more. */
  hurry(): void {
    this.#recorder.hurry();
  }

  /** The batch is in our hand no more: whatever is not recorded is nobody's business here. */
  close(): void {
    this.#tools.slots.settled(this.#open.size);
    this.#open.clear();
  }

  #begin(command: Command): Promise<unknown> | null {
    switch (command.kind) {
      case 'claim':
        return this.#tools.claims.follow(this.#claim());
      case 'look-up':
        return this.#lookUp();
      case 'resolve':
        return this.#resolve(command.clientIds);
      case 'call':
        return this.#call(command);
      case 'record': {
        const { place, body, isLastTry = false } = command;
        this.#recorder.add({ place, body, isLastTry });
        return null;
      }
      case 'end-rest':
        return this.#endRest(command);
      case 'complete':
        return this.#complete();
      case 'acknowledge':
        return this.#acknowledge();
      case 'give-back':
        this.#tools.parked.park(this.#batch, command.deferral);
        return null;
      case 'abort-calls':
        this.abortCalls(MAILING_ENDED);
        return null;
      case 'stop-reading':
        this.#reading.abort();
        return null;
      case 'say-undecided': {
        const { mailingId, number } = this.#batch;
        this.#tools.undecidables.message(mailingId, number, command.message);
        return null;
      }
      case 'say-broken':
        this.#tools.undecidables.batch(this.#batch.mailingId, this.#batch.number, command.reason);
        return null;
      default:
        return command satisfies never;
    }
  }

  abortCalls(reason: string): void {
    for (const call of this.#calls) call.abort(reason);
  }

  async #claim(): Promise<void> {
    const { mailingId, number } = this.#batch;
    const { broker, claims } = this.#tools;
    const reading = isUntouched(broker, this.#batch.queued.data).catch(() => false);
    const [claim, untouched] = await Promise.all([claims.take(mailingId, number), reading]);
    // What was read beside the claim counts only where its subject was empty. Whoever had worked on the batch while we
    // read would have left a claim there, which is kept for an hour, held or released.
    this.#isUntouched = untouched && claim?.isFirst === true;
    if (claim === null) this.#batch.tell({ kind: 'claimed', ours: false });
    else this.#batch.claimed(claim);
  }

  async #lookUp(): Promise<void> {
    const { queued, work } = this.#batch;
    const { broker, lookUp, decisions } = this.#tools;
    const found: LookedUp = this.#isUntouched
      ? { kind: 'open', messages: initialProgress(queued.data) }
      : await lookUp(broker, queued, work.sequence, this.#reading.signal, decisions.after);
    this.#batch.tell({ kind: 'looked-up', found });
  }

  async #resolve(clientIds: string[]): Promise<void> {
    const { directory, log } = this.#tools;
    const { mailingId, number } = this.#batch;
    const recipients = await directory.resolve(clientIds);
    const restMs = directory.restLeftMs;
    if (recipients === null) log.warn({ mailingId, batch: number, restMs }, 'nobody resolves recipients');
    this.#batch.tell({ kind: 'resolved', recipients, restMs });
  }

  #call({ place, messageId, recipient, open, rejected }: CommandOf<'call'>): Promise<void> | null {
    const { provider, slots, now } = this.#tools;
    const call: CallUnderWay = {
      place,
      mailingVersion: open.mailing.version,
      startedAt: now(),
      began: performance.now(),
      abort: new CallAbort(),
    };
    this.#calls.add(call.abort);
    this.#open.add(place);
    slots.callBegins();
    let asked = false;
    try {
      const request = { messageId, phone: recipient.phone, textJson: open.textJson };
      asked = true;
      return provider.send(request, rejected, call.abort, open.endAtMs).then(
        (answer) => this.#answered(call, answer),
        (error: unknown) => this.#callBroke(call, true, error),
      );
    } catch (error) {
      this.#callBroke(call, asked, error);
      return null;
    }
  }

  #answered(call: CallUnderWay, answer: Answer | null): void {
    const { place, mailingVersion, startedAt, began } = call;
    const durationMs = performance.now() - began;
    const made =
      answer === null || answer.kind === 'token-rejected' ? null : { answer, startedAt, durationMs };
    this.#callEnded(call, { kind: 'called', place, made, mailingVersion });
    if (made === null) this.#settled([place]);
    if (answer !== null) this.#apart(() => this.#tools.metrics.called(answer.kind, durationMs));
  }

  #callBroke(call: CallUnderWay, asked: boolean, error: unknown): void {
    const { place, mailingVersion } = call;
    this.#callEnded(call, { kind: 'call-broke', place, mailingVersion, asked, reason: reasonOf(error) });
  }

  #callEnded({ abort }: CallUnderWay, told: BatchEvent): void {
    this.#calls.delete(abort);
    this.#batch.tell(told);
    this.#tools.slots.callEnded();
  }

  /** Writes one record of outcomes; tells why where it could not be written. Never rejects. */
  async #write(outcomes: readonly Recording[]): Promise<WriteFailure | null> {
    try {
      await this.#append(this.#group(outcomes.map(({ body }) => body)));
      return null;
    } catch (error) {
      return { why: this.#whyUnwritten(error), reason: reasonOf(error) };
    }
  }

  /** One event that holds all of these outcomes. */
  #group(bodies: readonly OutcomeBody[]): EventBody<'OutcomesRecorded'> {
    const { mailingId, batch, firstMessageId } = this.#batch.queued.data;
    const at = this.#tools.now();
    const outcomes = bodies.map((body) => groupOutcome(body, firstMessageId, at));
    return { type: 'OutcomesRecorded', data: { mailingId, batch, firstMessageId, outcomes } };
  }

  #recorded(outcomes: readonly Recording[]): void {
    this.#batch.tell({ kind: 'recorded', outcomes });
    this.#settled(outcomes.map(({ place }) => place));
    this.#apart(() => {
      for (const { body } of outcomes) this.#sayRecorded(body);
    });
  }

  #unrecorded({ place, body, isLastTry }: Recording, { why, reason }: WriteFailure): void {
    const { mailingId, messageId, clientId } = body.data;
    this.#apart(() => {
      const details = { mailingId, messageId, clientId, reason, isLastTry };
      this.#tools.log.error(details, 'an outcome could not be recorded');
    });
    this.#batch.tell({ kind: 'unrecorded', place, body, isLastTry, why, reason });
  }

  #settled(places: readonly number[]): void {
    let settled = 0;
    for (const place of places) if (this.#open.delete(place)) settled += 1;
    this.#tools.slots.settled(settled);
  }

  #whyUnwritten(error: unknown): Unwritten {
    if (error instanceof LogFullError) return 'full';
    // At a stop that took too long.
    const isClosed = error instanceof WriterClosedError || this.#tools.broker.connection.isClosed();
    return isClosed ? 'closed' : 'refused';
  }

  async #endRest({ bodies }: CommandOf<'end-rest'>): Promise<void> {
    const lost = bodies.filter((body) => body.type === 'MessageFailed' || body.type === 'MessageUnknown');
    const rest = bodies.filter(
      (body) => body.type === 'MessagesExpired' || body.type === 'MessagesCancelled',
    );
    const records = rest.map((body) => this.#append(body));
    if (lost.length > 0) records.push(this.#append(this.#group(lost)));
    await Promise.all(records);
    this.#batch.tell({ kind: 'rest-ended' });
  }

  /** Says that every message has ended, once for ever, and acknowledges the batch. */
  async #complete(): Promise<void> {
    const { broker, writer } = this.#tools;
    const { mailingId, number, queued } = this.#batch;
    const data = { mailingId, batch: number, messages: queued.data.clientIds.length };
    const event = this.#event({ type: 'BatchCompleted', data });
    // A conflict means that it stands there already: somebody else completed the batch, with the same words.
    await appendExpecting(broker, writer, eventSubjects.batch(mailingId, number), event, 0);
    await this.#acknowledge();
  }

  async #acknowledge(): Promise<void> {
    await this.#batch.work.done();
    this.#batch.tell({ kind: 'completed' });
  }

  /** What the batch asked for cannot be done: the broker's trouble, or an error of ours. */
  #broke(command: Command, error: unknown): void {
    const { mailingId, number, queued } = this.#batch;
    const { log, broker } = this.#tools;
    // Reading that was stopped on purpose, or everything at the end of the process.
    if (!this.#reading.signal.aborted && !broker.connection.isClosed()) {
      // A full log is said once by whoever notices it; here it would be said for every batch again and again.
      log[error instanceof RecordsFullError ? 'debug' : 'error'](
        {
          err: error,
          mailingId,
          batch: number,
          correlationId: queued.correlationid,
          command: command.kind,
        },
        'a batch could not be worked on',
      );
    }
    switch (command.kind) {
      // These say themselves what became of them: what breaks here broke behind that.
      case 'call':
      case 'record':
      // It is out of our hand; the server delivers it again when its ack wait is over.
      case 'give-back':
      case 'abort-calls':
      case 'stop-reading':
      case 'say-undecided':
      case 'say-broken':
        return;
      case 'claim':
      case 'look-up':
      case 'resolve':
      case 'end-rest':
      case 'complete':
      case 'acknowledge':
        this.#batch.tell({ kind: 'failed' });
        return;
      default:
        command satisfies never;
    }
  }

  /** Does what the batch itself does not depend on. */
  #apart(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#tools.undecidables.batch(this.#batch.mailingId, this.#batch.number, reasonOf(error));
    }
  }

  async #append(body: EventBody): Promise<void> {
    const { mailingId, number } = this.#batch;
    const subject = eventSubjects.outcome(mailingId, number);
    await this.#tools.writer.publish(subject, JSON.stringify(this.#event(body)));
  }

  /** An event that follows from this batch. */
  #event(body: EventBody) {
    const { queued } = this.#batch;
    const provenance = {
      source: 'sender',
      correlationId: queued.correlationid,
      causationId: queued.id,
    } as const;
    return makeEvent(body, provenance, new Date());
  }

  #sayRecorded({ type, data }: OutcomeBody): void {
    const { log } = this.#tools;
    if (!log.isLevelEnabled('debug')) return;
    const { mailingId, messageId, clientId, attempt } = data;
    const error = 'error' in data ? data.error : undefined;
    const correlationId = this.#batch.queued.correlationid;
    log.debug({ mailingId, messageId, clientId, correlationId, attempt, error }, type);
  }
}
