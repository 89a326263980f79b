import {
  type Command,
  type CommandResult,
  commandSubjects,
  type ImportCommandType,
  type ImportOrder,
  type ImportSummary,
} from '@herald/contracts';
import { findNote, offerNote } from '../../commands/accepted-note.ts';
import { commandLocation } from '../../commands/answer-command.ts';
import { findStoredResult, PendingResult } from '../../commands/pending-result.ts';
import { type Placed, placeCommand } from '../../commands/place-command.ts';
import { isRoomOfImportsTaken } from '../../commands/room-for-commands.ts';
import { readResult } from '../../commands/send-command.ts';
import { within } from '../../commands/within.ts';
import type { GatewayDependencies } from '../../http/context.ts';
import { makeProblem, ProblemError } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { BrokerUnavailableError } from '../../reading/reach-broker.ts';
import { ChunkOrder } from './chunk-order.ts';
import { addSummaries, EMPTY_SUMMARY } from './import-total.ts';

/** More would not be faster: the mailing service takes them one after another anyway. */
const MOST_UNDER_WAY = 8;

export type Chunk = Command<ImportCommandType>;

/** Which import is sent, and whether under an idempotency key. */
export interface SentImport {
  readonly importId: string;
  readonly order: ImportOrder;
  readonly keyed: boolean;
  readonly traceparent: string | undefined;
}

/** What became of all chunks. `complete`: every one has its result in the summary. */
export interface SentChunks {
  readonly chunks: number;
  readonly complete: boolean;
  readonly summary: ImportSummary;
}

/**
 * Sends the chunks of one import, a bounded number at a time, and those that share a phone one after another. It waits
 * for results as long as they come; when none has come for COMMAND_WAIT_MS the mailing service counts as away, and from
 * then on only the stream's acknowledgement is waited for: an import is accepted whether or not somebody can carry it
 * out now. Each chunk then says which ones it must be carried out after, and the import ends where half of the room for
 * commands is taken, so that single writes have the rest.
 */
export class ChunkSender {
  readonly #dependencies: GatewayDependencies;
  readonly #importId: string;
  readonly #asked: ImportOrder;
  readonly #traceparent: string | undefined;
  readonly #underWay = new Set<Promise<void>>();
  readonly #order = new ChunkOrder();
  /** Ends the waiting for one result each. */
  readonly #giveUps = new Set<() => void>();
  #chunks = 0;
  #summary: ImportSummary = EMPTY_SUMMARY;
  #away = false;
  /** Chunks may be repeats: until one is not, each is known before the next is sent. */
  #mayRepeat: boolean;
  #beginning: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(dependencies: GatewayDependencies, { importId, order, keyed, traceparent }: SentImport) {
    this.#dependencies = dependencies;
    this.#importId = importId;
    this.#asked = order;
    this.#traceparent = traceparent;
    this.#mayRepeat = keyed;
  }

  /** What the chunks whose results have come have led to, together. */
  get summary(): ImportSummary {
    return this.#summary;
  }

  /**
   * Sends a chunk as soon as there is room for it. Of an import under a key the chunks that were sent before are gone
   * through one by one, so that another file under that key is refused before anything new of it is accepted.
   *
   * @throws ProblemError when the key belongs to another import, or the broker takes nothing any more
   */
  async send(chunk: Chunk): Promise<void> {
    const phones = new Set(chunk.data.rows.map(({ phone }) => phone));
    this.#throwFailure();
    while (this.#underWay.size >= this.#mostUnderWay || this.#order.isHeldBack(phones)) {
      await this.#waitForRoom();
    }
    this.#chunks += 1;
    if (this.#mayRepeat && (await this.#takeStored(chunk))) return;
    try {
      if (this.#away && (await isRoomOfImportsTaken(this.#dependencies.broker)))
        throw this.#notPlaced('full');
      this.#beginning ??= this.#begin();
      await this.#beginning;
    } catch (error) {
      throw this.#chunks > 1 ? this.#toldAsInterrupted(error) : error;
    }
    this.#order.sent(chunk.data.chunk, phones);
    const carrying = this.#carry(placedAfter(chunk, this.#order.takeUnanswered()))
      .catch((error: unknown) => {
        this.#failure ??= { error: this.#toldAsInterrupted(error) };
      })
      .finally(() => this.#underWay.delete(carrying));
    this.#underWay.add(carrying);
    if (this.#mayRepeat) await this.#waitForRoom();
  }

  /** A chunk that others are carried out after must be in the stream before they are. */
  get #mostUnderWay(): number {
    return this.#mayRepeat || this.#away ? 1 : MOST_UNDER_WAY;
  }

  /** Waits for what is still missing as long as results come, and then for acknowledgements alone. */
  async settle(): Promise<SentChunks> {
    while (this.#underWay.size > 0) await this.#waitForRoom();
    this.#throwFailure();
    return { chunks: this.#chunks, complete: !this.#away, summary: this.#summary };
  }

  /** Waits for no result any more. What was published stays. */
  giveUpResults(): void {
    this.#away = true;
    for (const giveUp of this.#giveUps) giveUp();
    this.#giveUps.clear();
  }

  /** Waits until a chunk has its result, or for COMMAND_WAIT_MS in vain. */
  async #waitForRoom(): Promise<void> {
    const waited = await within(Promise.race(this.#underWay), this.#dependencies.commandWaitMs);
    this.#throwFailure();
    if (waited.kind === 'late') this.giveUpResults();
  }

  /**
   * Leaves a note of the import before its first chunk: its key belongs to it from now on, and it can be asked for.
   *
   * @throws ProblemError when the log has no room, BrokerUnavailableError when it does not answer: nothing was accepted
   */
  async #begin(): Promise<void> {
    if ((await findNote(this.#dependencies.broker, this.#importId)) !== null) return;
    const note = { kind: 'import-begun', order: this.#asked } as const;
    const offered = await offerNote(this.#dependencies, this.#importId, note, this.#patienceMs);
    if (offered.kind === 'full') throw this.#notPlaced('full');
    if (offered.kind === 'unanswered') throw new BrokerUnavailableError('the log does not answer');
  }

  /** How long the log may take to acknowledge a chunk, milliseconds: more than for one command, of a file of hours. */
  get #patienceMs(): number {
    return 2 * this.#dependencies.commandWaitMs;
  }

  /** What came before the broker was lost stays imported: that nothing was accepted would be wrong. */
  #toldAsInterrupted(error: unknown): unknown {
    if (!(error instanceof BrokerUnavailableError)) return error;
    const importId = this.#importId;
    const detail =
      'The broker is not reachable any more. What came before stays imported; send it again under the same Idempotency-Key: nothing is done twice.';
    const headers = { Location: commandLocation(importId) };
    return new ProblemError(makeProblem('import-interrupted', detail, { importId }), headers);
  }

  #notPlaced(kind: Exclude<Placed['kind'], 'placed'>): ProblemError {
    const importId = this.#importId;
    const again = 'Send it again under the same Idempotency-Key: nothing is done twice.';
    if (kind === 'full') {
      const nothing = this.#chunks <= 1 ? 'Nothing was accepted.' : 'What came before stays imported.';
      return new ProblemError(makeProblem('log-full', `${nothing} ${again}`, { importId }));
    }
    const detail = `The log did not acknowledge all of it in time. ${again}`;
    const headers = { Location: commandLocation(importId) };
    return new ProblemError(makeProblem('acceptance-unknown', detail, { importId }), headers);
  }

  /**
   * Takes the result that a chunk has already, of a former import under this key; `false` when it has none. Who was
   * found away is not asked again: each of thousands of chunks would wait for an answer in vain.
   */
  async #takeStored(chunk: Chunk): Promise<boolean> {
    if (this.#away) return false;
    const stored = await findStoredResult(this.#dependencies, { commandId: chunk.id, upToDate: false });
    if (stored === null) return false;
    this.#summary = addSummaries(this.#summary, summaryOf(chunk, stored));
    return true;
  }

  async #carry(chunk: Chunk): Promise<void> {
    const pending = new PendingResult(this.#dependencies, chunk);
    const givenUp = Promise.withResolvers<null>();
    const giveUp = (): void => givenUp.resolve(null);
    if (this.#away) giveUp();
    else this.#giveUps.add(giveUp);
    try {
      const subject = commandSubjects.import(this.#importId);
      const order = { subject, command: chunk, traceparent: this.#traceparent };
      const placed = placeCommand(this.#dependencies, order, pending, this.#patienceMs).then((placing) => {
        if (placing.kind !== 'placed') throw this.#notPlaced(placing.kind);
        if (placing.fresh) this.#mayRepeat = false;
      });
      const unplaced = placed.then(() => new Promise<never>(() => {}));
      const result = await Promise.race([pending.result, givenUp.promise, unplaced]);
      if (result === null) {
        await Promise.race([pending.result, placed]);
        this.#order.givenUp(chunk.data.chunk);
        return;
      }
      this.#order.answered(chunk.data.chunk);
      this.#summary = addSummaries(this.#summary, summaryOf(chunk, result));
    } finally {
      this.#giveUps.delete(giveUp);
      pending.close();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

const placedAfter = (chunk: Chunk, after: number[]): Chunk =>
  after.length === 0 ? chunk : { ...chunk, data: { ...chunk.data, after } };

/** @throws ProblemError when the result answers another request */
function summaryOf(chunk: Chunk, result: CommandResult): ImportSummary {
  const answer = readResult(result, chunk.fingerprint);
  if (answer.kind !== 'outcome') {
    const detail = 'Another import was sent under this Idempotency-Key.';
    throw new ProblemError(makeProblem('idempotency-key-reused', detail));
  }
  const { outcome } = answer;
  if (outcome.kind === 'imported') return outcome.summary;
  if (outcome.kind !== 'refused') throw new Error(`an import led to ${outcome.kind}`);
  const { rows } = chunk.data;
  const message = refusalProblem(outcome.refusal).detail;
  return {
    ...EMPTY_SUMMARY,
    rejected: rows.length,
    errors: rows.map(({ line }) => ({ line, message })).slice(0, 1),
  };
}
