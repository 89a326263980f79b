import type { Logger } from '@herald/service-kit';
import { Counter, Gauge, type Registry } from 'prom-client';
import { Allowance } from '../http/allowance.ts';
import { answeredDirectly, beginDirectAnswer, type DirectRequest, onceOver } from '../http/direct-answer.ts';
import type { FileLimits } from '../http/limits.ts';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import { type FileEnding, FileWriter } from './file-writer.ts';
import { readAhead } from './read-ahead.ts';

/** A file that is made while it is taken. */
export interface StreamedFile {
  readonly contentType: string;
  /** In ASCII, without quotes. */
  readonly name: string;
  /** Its text in pieces of some hundred kB, asked for one after another. The signal aborts when nobody takes it any more. */
  readonly pieces: (signal: AbortSignal) => AsyncIterable<string>;
}

export interface FileAnswersOptions {
  readonly limits: FileLimits;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Aborts when the gateway begins to stop. */
  readonly stopping: AbortSignal;
}

/**
 * Answers with files of any size at constant memory, so many at once. What cannot be begun is refused as a problem; what
 * cannot be finished ends with its connection.
 */
export class FileAnswers {
  readonly #options: FileAnswersOptions;
  readonly #room: Allowance;
  readonly #endings: Counter;

  constructor(options: FileAnswersOptions) {
    this.#options = options;
    const room = new Allowance(options.limits.atOnce);
    this.#room = room;
    this.#endings = new Counter({
      name: 'herald_http_files_total',
      help: 'Files that were begun (exports, proofs), by how they ended: whole, gone, stalled, broken.',
      labelNames: ['ending'],
      registers: [options.metrics],
    });
    new Gauge({
      name: 'herald_http_files',
      help: 'Files that are being written.',
      registers: [options.metrics],
      collect() {
        this.set(room.used);
      },
    });
  }

  /** @throws ProblemError when too many are written; whatever the first piece fails with */
  async answer(request: DirectRequest, file: StreamedFile): Promise<Response> {
    const headers = {
      'Content-Type': file.contentType,
      'Content-Disposition': `attachment; filename="${file.name}"`,
      'Cache-Control': 'no-store',
    };
    if (request.incoming.method === 'HEAD') return answeredDirectly(headers);
    const giveBack = this.#room.take(1);
    if (giveBack === undefined) {
      throw new ProblemError(makeProblem('overloaded', 'Too many files are written at this moment.'));
    }
    const leaving = new AbortController();
    onceOver(request, () => leaving.abort());
    const pieces = readAhead(file.pieces(leaving.signal));
    let first: IteratorResult<string>;
    try {
      first = await pieces.next();
    } catch (error) {
      giveBack();
      throw error;
    }
    beginDirectAnswer(request, headers, { countsAsRequest: true });
    const writer = new FileWriter(request, leaving.signal, this.#options.limits.stallMs);
    void this.#write(writer, first, pieces, request.about).finally(giveBack);
    return answeredDirectly(headers);
  }

  /** Never rejects. */
  async #write(
    writer: FileWriter,
    first: IteratorResult<string>,
    pieces: AsyncGenerator<string>,
    about: DirectRequest['about'],
  ): Promise<void> {
    const begin = performance.now();
    let ending: FileEnding = 'whole';
    let fault: unknown;
    try {
      for (let piece = first; piece.done !== true; piece = await pieces.next()) {
        const hindrance = await writer.write(piece.value);
        if (hindrance === undefined) continue;
        ending = hindrance;
        break;
      }
    } catch (error) {
      ending = 'broken';
      fault = error;
    }
    if (ending === 'whole') writer.end(this.#options.stopping.aborted);
    else writer.breakOff();
    await pieces.return(undefined).catch(() => {});
    this.#endings.inc({ ending });
    const durationMs = Math.round(performance.now() - begin);
    const level = ending === 'broken' || ending === 'stalled' ? 'warn' : 'info';
    const said = { ...about, ending, bytes: writer.bytes, durationMs };
    this.#options.log[level](fault === undefined ? said : { ...said, err: fault }, 'a file');
  }
}
