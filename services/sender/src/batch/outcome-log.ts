import { type EventBody, eventSubjects, groupOutcome, type HeraldEvent, makeEvent } from '@herald/contracts';
import { LogFullError, WriterClosedError } from '@herald/event-log';
import type { BatchDependencies } from './batch-dependencies.ts';
import type { BatchEvent, Unwritten } from './batch-state.ts';
import { reasonOf } from './isolation.ts';
import type { RestBody } from './outcome.ts';
import { OutcomeRecorder, type Recording, type WriteFailure } from './outcome-recorder.ts';
import type { OutcomeBody } from './progress.ts';

/** An outcome, and when it was decided (milliseconds since 1970). */
type Decided = Pick<Recording, 'body' | 'at'>;

export interface OutcomeLogOptions {
  readonly dependencies: Pick<BatchDependencies, 'broker' | 'writer' | 'log' | 'now' | 'clock' | 'newId'>;
  readonly queued: HeraldEvent<'MessagesQueued'>;
  readonly tell: (event: BatchEvent) => void;
  /** Calls of the batch that are under way. */
  readonly underWay: () => number;
  /** Outcomes at these places stand in the log. */
  readonly onRecorded: (places: readonly number[]) => void;
  /** Does what the batch itself does not depend on. */
  readonly apart: (act: () => void) => void;
}

/** So long a record waits for more outcomes that are about to come, milliseconds; what is unrecorded is bounded. */
const GATHER_MS = 5;

/** Writes what becomes of the messages of one batch to its outcome subject. */
export class OutcomeLog {
  readonly #options: OutcomeLogOptions;
  readonly #recorder: OutcomeRecorder;

  constructor(options: OutcomeLogOptions) {
    this.#options = options;
    this.#recorder = new OutcomeRecorder({
      write: (outcomes, told) => void this.#write(outcomes).then(told),
      onRecorded: (outcomes) => this.#recorded(outcomes),
      onUnrecorded: (outcome, failure) => this.#unrecorded(outcome, failure),
      underWay: options.underWay,
      soon: (act) => options.dependencies.clock.after(GATHER_MS, act),
    });
  }

  /** Records an outcome, with others that come meanwhile; the batch is told. */
  record(outcome: Omit<Recording, 'at'>): void {
    this.#recorder.add({ ...outcome, at: this.#options.dependencies.now() });
  }

  /** Outcomes do not gather any more. */
  hurry(): void {
    this.#recorder.hurry();
  }

  /** Records the end of what remains of the batch. */
  async endRest(bodies: readonly RestBody[]): Promise<void> {
    const lost = bodies.filter((body) => body.type === 'MessageFailed' || body.type === 'MessageUnknown');
    const rest = bodies.filter(
      (body) => body.type === 'MessagesExpired' || body.type === 'MessagesCancelled',
    );
    const at = this.#options.dependencies.now();
    await Promise.all([
      ...rest.map((body) => this.#append(body)),
      this.#appendAll(lost.map((body) => ({ body, at }))),
    ]);
    this.#options.tell({ kind: 'rest-ended' });
  }

  /** In one record, or where that is refused each in one of its own. */
  async #appendAll(decided: readonly Decided[]): Promise<void> {
    if (decided.length === 0) return;
    try {
      await this.#append(this.#group(decided));
    } catch (error) {
      if (decided.length === 1 || this.#whyUnwritten(error) !== 'refused') throw error;
      await Promise.all(decided.map((one) => this.#append(this.#group([one]))));
    }
  }

  /** Writes one record of outcomes; tells why where it could not be written. Never rejects. */
  async #write(outcomes: readonly Recording[]): Promise<WriteFailure | null> {
    try {
      await this.#append(this.#group(outcomes));
      return null;
    } catch (error) {
      return { why: this.#whyUnwritten(error), reason: reasonOf(error) };
    }
  }

  /** One event that holds all of these outcomes. */
  #group(decided: readonly Decided[]): EventBody<'OutcomesRecorded'> {
    const { mailingId, batch, firstMessageId } = this.#options.queued.data;
    const outcomes = decided.map(({ body, at }) => groupOutcome(body, firstMessageId, at));
    return { type: 'OutcomesRecorded', data: { mailingId, batch, firstMessageId, outcomes } };
  }

  #recorded(outcomes: readonly Recording[]): void {
    this.#options.tell({ kind: 'recorded', outcomes });
    this.#options.onRecorded(outcomes.map(({ place }) => place));
    this.#options.apart(() => {
      for (const { body } of outcomes) this.#sayRecorded(body);
    });
  }

  #unrecorded({ place, body, isLastTry }: Recording, { why, reason }: WriteFailure): void {
    const { mailingId, messageId, clientId } = body.data;
    this.#options.apart(() => {
      const details = { mailingId, messageId, clientId, reason, isLastTry };
      this.#options.dependencies.log.error(details, 'an outcome could not be recorded');
    });
    this.#options.tell({ kind: 'unrecorded', place, body, isLastTry, why, reason });
  }

  #whyUnwritten(error: unknown): Unwritten {
    if (error instanceof LogFullError) return 'full';
    // At a stop that took too long.
    const isClosed =
      error instanceof WriterClosedError || this.#options.dependencies.broker.connection.isClosed();
    return isClosed ? 'closed' : 'refused';
  }

  async #append(body: EventBody): Promise<void> {
    const { dependencies, queued } = this.#options;
    const subject = eventSubjects.outcome(queued.data.mailingId, queued.data.batch);
    await dependencies.writer.publish(subject, JSON.stringify(eventOf(queued, body, dependencies)));
  }

  #sayRecorded({ type, data }: OutcomeBody): void {
    const { log } = this.#options.dependencies;
    if (!log.isLevelEnabled('debug')) return;
    const { mailingId, messageId, clientId, attempt } = data;
    const error = 'error' in data ? data.error : undefined;
    const correlationId = this.#options.queued.correlationid;
    log.debug({ mailingId, messageId, clientId, correlationId, attempt, error }, type);
  }
}

/** An event that follows from a batch. */
export function eventOf(
  queued: HeraldEvent<'MessagesQueued'>,
  body: EventBody,
  { now, newId }: Pick<BatchDependencies, 'now' | 'newId'>,
) {
  const provenance = {
    source: 'sender',
    correlationId: queued.correlationid,
    causationId: queued.id,
  } as const;
  return makeEvent(body, provenance, new Date(now()), newId());
}
