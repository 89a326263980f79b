import { type EventBody, eventSubjects, type HeraldEvent, makeEvent } from '@herald/contracts';
import { appendExpecting, type Work } from '@herald/event-log';
import { MAILING_ENDED } from '../provider/provider.ts';
import type { BatchEvent, Command } from './batch-state.ts';
import type { BatchTools } from './batch-tools.ts';
import type { Claim } from './claims.ts';
import type { OutcomeBody } from './progress.ts';

type CommandOf<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>;

/** The batch as its commands know it. */
export interface CommandedBatch {
  readonly mailingId: string;
  readonly number: number;
  readonly work: Work;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  tell(event: BatchEvent): Promise<unknown> | null;
  claimed(claim: Claim): void;
}

/** Carries out what the transitions of one batch ask for, and tells the batch what came of it. */
export class CommandRunner {
  readonly #tools: BatchTools;
  readonly #batch: CommandedBatch;
  readonly #calls = new Set<AbortController>();
  readonly #reading = new AbortController();

  constructor(tools: BatchTools, batch: CommandedBatch) {
    this.#tools = tools;
    this.#batch = batch;
  }

  /** Resolves when it is carried out, and never rejects; `null` when that takes no time. */
  run(command: Command): Promise<unknown> | null {
    switch (command.kind) {
      case 'claim':
        return this.#attempt(() => this.#claim());
      case 'look-up':
        return this.#attempt(() => this.#lookUp());
      case 'resolve':
        return this.#attempt(() => this.#resolve(command.clientIds));
      case 'call':
        return this.#call(command);
      case 'record':
        return this.#record(command);
      case 'end-rest':
        return this.#attempt(() => this.#endRest(command));
      case 'complete':
        return this.#attempt(() => this.#complete());
      case 'acknowledge':
        return this.#attempt(() => this.#acknowledge());
      case 'give-back':
        this.#tools.parked.park(this.#batch, command.putOff);
        return null;
      case 'abort-calls':
        this.abortCalls(MAILING_ENDED);
        return null;
      case 'stop-reading':
        this.#reading.abort();
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
    const claim = await this.#tools.claims.take(mailingId, number);
    if (claim === null) this.#batch.tell({ kind: 'claimed', ours: false });
    else this.#batch.claimed(claim);
  }

  async #lookUp(): Promise<void> {
    const { queued, work } = this.#batch;
    const { broker, lookUp } = this.#tools;
    const found = await lookUp(broker, queued, work.sequence, this.#reading.signal);
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

  async #call({ place, messageId, recipient, open }: CommandOf<'call'>): Promise<void> {
    const { provider, metrics, now } = this.#tools;
    const abort = new AbortController();
    const startedAt = now();
    const began = performance.now();
    this.#calls.add(abort);
    const request = { messageId, phone: recipient.phone, textJson: open.textJson };
    const answer = await provider.send(request, abort, open.endAtMs);
    this.#calls.delete(abort);
    const durationMs = performance.now() - began;
    if (answer !== null) metrics.called(answer.kind, durationMs);
    const made =
      answer === null || answer.kind === 'token-rejected' ? null : { answer, startedAt, durationMs };
    await this.#batch.tell({ kind: 'called', place, made, mailingVersion: open.mailing.version });
  }

  async #record({ place, body }: CommandOf<'record'>): Promise<void> {
    const { mailingId } = this.#batch;
    try {
      await this.#append(body);
    } catch (error) {
      // The log is full, or was closed at a stop that took too long.
      const { messageId, clientId } = body.data;
      this.#tools.log.error(
        { err: error, mailingId, messageId, clientId },
        'an outcome could not be recorded',
      );
      this.#batch.tell({ kind: 'unrecorded', place });
      return;
    }
    this.#sayRecorded(body);
    // What follows is not the slot's business any more.
    this.#batch.tell({ kind: 'recorded', place, body });
  }

  async #endRest({ bodies }: CommandOf<'end-rest'>): Promise<void> {
    await Promise.all(bodies.map((body) => this.#append(body)));
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

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { mailingId, number, queued } = this.#batch;
      const { log, broker } = this.#tools;
      // Reading that was stopped on purpose, or everything at the end of the process.
      if (!this.#reading.signal.aborted && !broker.connection.isClosed()) {
        const correlationId = queued.correlationid;
        log.error({ err: error, mailingId, batch: number, correlationId }, 'a batch could not be worked on');
      }
      this.#batch.tell({ kind: 'failed' });
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
