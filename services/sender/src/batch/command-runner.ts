import { eventSubjects, type HeraldEvent } from '@herald/contracts';
import { RecordsFullError, type Work } from '@herald/event-log';
import type { Claim } from '../ownership/claims.ts';
import { MAILING_ENDED } from '../provider/provider.ts';
import type { BatchDependencies } from './batch-dependencies.ts';
import type { BatchEvent, Command } from './batch-state.ts';
import { reasonOf } from './isolation.ts';
import { isUntouched, type LookedUp } from './look-up.ts';
import { eventOf, OutcomeLog } from './outcome-log.ts';
import type { Deferral } from './parked-batches.ts';
import { initialProgress } from './progress.ts';
import { ProviderCalls } from './provider-calls.ts';

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
  readonly #dependencies: BatchDependencies;
  readonly #batch: CommandedBatch;
  readonly #calls: ProviderCalls;
  readonly #outcomes: OutcomeLog;
  readonly #reading = new AbortController();
  #isUntouched = false;

  constructor(dependencies: BatchDependencies, batch: CommandedBatch) {
    this.#dependencies = dependencies;
    this.#batch = batch;
    const tell = (event: BatchEvent): void => batch.tell(event);
    const apart = (act: () => void): void => this.#apart(act);
    this.#calls = new ProviderCalls({ dependencies, tell, apart });
    this.#outcomes = new OutcomeLog({
      dependencies,
      queued: batch.queued,
      tell,
      underWay: () => (dependencies.idempotent ? this.#calls.underWay : 0),
      onRecorded: (places) => this.#calls.settled(places),
      apart,
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
    this.#outcomes.hurry();
  }

  /** The batch has left this process. */
  close(): void {
    this.#calls.close();
  }

  #begin(command: Command): Promise<unknown> | null {
    switch (command.kind) {
      case 'claim':
        return this.#dependencies.claims.follow(this.#claim());
      case 'look-up':
        return this.#lookUp();
      case 'resolve':
        return this.#resolve(command.clientIds);
      case 'call':
        return this.#calls.begin(command);
      case 'record': {
        const { place, body, isLastTry = false } = command;
        this.#outcomes.record({ place, body, isLastTry });
        return null;
      }
      case 'end-rest':
        return this.#outcomes.endRest(command.bodies);
      case 'complete':
        return this.#complete();
      case 'acknowledge':
        return this.#acknowledge();
      case 'give-back':
        this.#giveBack(command.deferral);
        return null;
      case 'abort-calls':
        this.abortCalls(MAILING_ENDED);
        return null;
      case 'stop-reading':
        this.#reading.abort();
        return null;
      case 'say-undecided': {
        const { mailingId, number } = this.#batch;
        this.#dependencies.undecidables.message(mailingId, number, command.message);
        return null;
      }
      case 'say-broken':
        this.#dependencies.undecidables.batch(this.#batch.mailingId, this.#batch.number, command.reason);
        return null;
      default:
        return command satisfies never;
    }
  }

  abortCalls(reason: string): void {
    this.#calls.abort(reason);
  }

  /** Of a mailing that is open no more nobody would forget it again. */
  #giveBack(deferral: Deferral): void {
    const { mailings, parked } = this.#dependencies;
    if (mailings.get(this.#batch.mailingId) === undefined) this.#batch.work.giveBack(deferral.delayMs);
    else parked.park(this.#batch, deferral);
  }

  async #claim(): Promise<void> {
    const { mailingId, number } = this.#batch;
    const { reader, claims } = this.#dependencies;
    const reading = isUntouched(reader, this.#batch.queued.data).catch(() => false);
    const [claim, untouched] = await Promise.all([claims.take(mailingId, number), reading]);
    // What was read beside the claim counts only where its subject was empty. Whoever had worked on the batch while we
    // read would have left a claim there, which is kept for an hour, held or released.
    this.#isUntouched = untouched && claim?.isFirst === true;
    if (claim === null) this.#batch.tell({ kind: 'claimed', ours: false });
    else this.#batch.claimed(claim);
  }

  async #lookUp(): Promise<void> {
    const { queued, work } = this.#batch;
    const { reader, lookUp, decisions } = this.#dependencies;
    const found: LookedUp = this.#isUntouched
      ? { kind: 'open', messages: initialProgress(queued.data) }
      : await lookUp(reader, queued, work.sequence, this.#reading.signal, decisions.after);
    this.#batch.tell({ kind: 'looked-up', found });
  }

  async #resolve(clientIds: string[]): Promise<void> {
    const { directory, log } = this.#dependencies;
    const { mailingId, number } = this.#batch;
    const recipients = await directory.resolve(clientIds);
    const restMs = directory.restLeftMs;
    if (recipients === null) log.warn({ mailingId, batch: number, restMs }, 'nobody resolves recipients');
    this.#batch.tell({ kind: 'resolved', recipients, restMs });
  }

  /** Says that every message has ended, once for ever, and acknowledges the batch. */
  async #complete(): Promise<void> {
    const { writer } = this.#dependencies;
    const { mailingId, number, queued } = this.#batch;
    const data = { mailingId, batch: number, messages: queued.data.clientIds.length };
    const event = eventOf(queued, { type: 'BatchCompleted', data }, this.#dependencies);
    // A conflict means that it stands there already: somebody else completed the batch, with the same words.
    await writer.publish(eventSubjects.batch(mailingId, number), JSON.stringify(event), {
      expectedLastSequence: 0,
    });
    await this.#acknowledge();
  }

  async #acknowledge(): Promise<void> {
    await this.#batch.work.done();
    this.#batch.tell({ kind: 'completed' });
  }

  /** What the batch asked for cannot be done: the broker's trouble, or an error of ours. */
  #broke(command: Command, error: unknown): void {
    const { mailingId, number, queued } = this.#batch;
    const { log, broker } = this.#dependencies;
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
      this.#dependencies.undecidables.batch(this.#batch.mailingId, this.#batch.number, reasonOf(error));
    }
  }
}
