import { type Command, type CommandResult, commandSubjects, type ImportSummary } from '@herald/contracts';
import { PendingResult } from '../../commands/pending-result.ts';
import { place, readResult } from '../../commands/send-command.ts';
import { within } from '../../commands/within.ts';
import type { GatewayParts } from '../../http/context.ts';
import { makeProblem, ProblemError } from '../../problems/problem.ts';
import { refusalProblem } from '../../problems/refusal-problem.ts';
import { addSummaries, EMPTY_SUMMARY } from './import-total.ts';

/** More would not be faster: the mailing service takes them one after another anyway. */
const MOST_UNDER_WAY = 8;

export type Chunk = Command<'ImportClients'>;

/** What became of all chunks. `complete`: every one has its result in the summary. */
export interface SentChunks {
  readonly chunks: number;
  readonly complete: boolean;
  readonly summary: ImportSummary;
}

/**
 * Sends the chunks of one import, a bounded number at a time. It waits for results as long as they come; when none has
 * come for COMMAND_WAIT_MS the mailing service counts as away, and from then on only the stream's acknowledgement is
 * waited for: an import is accepted whether or not somebody can carry it out now.
 */
export class ChunkSender {
  readonly #parts: GatewayParts;
  readonly #importId: string;
  readonly #traceparent: string | undefined;
  readonly #underWay = new Set<Promise<void>>();
  /** Ends the waiting for one result each. */
  readonly #giveUps = new Set<() => void>();
  #chunks = 0;
  #summary: ImportSummary = EMPTY_SUMMARY;
  #away = false;
  #progressAt = performance.now();
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: GatewayParts, importId: string, traceparent: string | undefined) {
    this.#parts = parts;
    this.#importId = importId;
    this.#traceparent = traceparent;
  }

  /**
   * Sends a chunk as soon as there is room for it.
   *
   * @param alone wait for its result before anything else is sent
   * @throws ProblemError when the key belongs to another import, or the broker takes nothing any more
   */
  async send(chunk: Chunk, alone: boolean): Promise<void> {
    while (this.#underWay.size >= MOST_UNDER_WAY) await this.#waitForRoom();
    this.#throwFailure();
    this.#chunks += 1;
    this.#progressAt = performance.now();
    const carrying = this.#carry(chunk)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(carrying));
    this.#underWay.add(carrying);
    while (alone && this.#underWay.size > 0) await this.#waitForRoom();
    this.#throwFailure();
  }

  /** Waits for what is still missing, COMMAND_WAIT_MS at the most, and as long again for acknowledgements alone. */
  async settle(): Promise<SentChunks> {
    const { commandWaitMs } = this.#parts;
    const results = await within(Promise.all(this.#underWay), commandWaitMs);
    if (results.kind === 'late') {
      this.giveUpResults();
      // What is not acknowledged even now the writer keeps sending, under the same id.
      await within(Promise.all(this.#underWay), commandWaitMs);
    }
    this.#throwFailure();
    return { chunks: this.#chunks, complete: !this.#away, summary: this.#summary };
  }

  /** Waits for no result any more. What was published stays. */
  giveUpResults(): void {
    this.#away = true;
    for (const giveUp of this.#giveUps) giveUp();
    this.#giveUps.clear();
  }

  async #waitForRoom(): Promise<void> {
    const left = this.#parts.commandWaitMs - (performance.now() - this.#progressAt);
    const waited = await within(Promise.race(this.#underWay), left);
    this.#throwFailure();
    if (waited.kind === 'settled') return;
    if (this.#away) {
      const detail =
        'The broker takes nothing now. Send it again under the same Idempotency-Key: nothing is done twice.';
      throw new ProblemError(makeProblem('import-interrupted', detail, { importId: this.#importId }));
    }
    this.giveUpResults();
    this.#progressAt = performance.now();
  }

  async #carry(chunk: Chunk): Promise<void> {
    const pending = new PendingResult(this.#parts, chunk.id);
    const givenUp = Promise.withResolvers<null>();
    const giveUp = (): void => givenUp.resolve(null);
    if (this.#away) giveUp();
    else this.#giveUps.add(giveUp);
    try {
      const subject = commandSubjects.import(this.#importId);
      const placed = place(this.#parts, { subject, command: chunk, traceparent: this.#traceparent }, pending);
      const result = await Promise.race([pending.result, givenUp.promise]);
      if (result === null) await Promise.race([pending.result, placed]);
      else this.#summary = addSummaries(this.#summary, summaryOf(chunk, result));
      this.#progressAt = performance.now();
    } finally {
      this.#giveUps.delete(giveUp);
      pending.close();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

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
