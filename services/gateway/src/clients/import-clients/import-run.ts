import {
  IMPORT_ERRORS,
  type ImportCommandType,
  type ImportEnd,
  type ImportOrder,
  importChunkId,
  makeCommand,
  type Provenance,
} from '@herald/contracts';
import { fingerprintOf } from '../../commands/fingerprint.ts';
import type { GatewayDependencies } from '../../http/context.ts';
import { checkRow } from './check-row.ts';
import { ChunkDraft } from './chunk-draft.ts';
import type { ChunkSender, SentChunks } from './chunk-sender.ts';
import type { ImportRecord } from './import-record.ts';
import type { GatewayShare, LineError } from './import-total.ts';
import { rejectedLineOf } from './rejected-line.ts';

export interface RunningImport {
  readonly importId: string;
  readonly order: ImportOrder;
  readonly provenance: Provenance;
}

/**
 * Checks the records of one import and cuts them into chunks, the bad lines with the rows that they stand among: they cost
 * no command of their own where most lines are good. A chunk's id and fingerprint follow from the import, its place and
 * its lines, so that a repeat under the same key sends the same commands. A chunk is held back until it is known whether
 * it is the last: that is part of its fingerprint, or a longer file with the same beginning would pass for the same one.
 */
export class ImportRun {
  readonly #dependencies: GatewayDependencies;
  readonly #import: RunningImport;
  readonly #sender: ChunkSender;
  readonly #draft = new ChunkDraft();
  #chunk = 0;
  #received = 0;
  #rejected = 0;
  #kept = 0;
  #keptBytes = 0;
  readonly #errors: LineError[] = [];

  constructor(dependencies: GatewayDependencies, running: RunningImport, sender: ChunkSender) {
    this.#dependencies = dependencies;
    this.#import = running;
    this.#sender = sender;
  }

  /** What the gateway itself has to say of the lines so far. */
  get share(): GatewayShare {
    return { received: this.#received, rejected: this.#rejected, errors: this.#errors };
  }

  /** How many bad lines were only counted. */
  get omitted(): number {
    return this.#rejected - this.#kept;
  }

  /** Whether there are too many bad lines, and no more good ones: this is no file of clients. */
  get isHopeless(): boolean {
    return this.#rejected > this.#dependencies.limits.badLines && this.#rejected * 2 > this.#received;
  }

  /** Takes records in, and sends the chunks that become full; resolves when there is room for more. */
  async take(records: readonly ImportRecord[]): Promise<void> {
    for (const record of records) {
      // At this very line, however the file came in pieces: the same file under the same key ends the same.
      if (this.isHopeless) return;
      this.#received += 1;
      const checked = checkRow(record);
      if ('error' in checked) await this.#reject(record, checked.error);
      else {
        if (!this.#draft.hasRoomForRow) await this.#send();
        this.#draft.addRow(checked.row);
      }
    }
  }

  /** Sends the rest, if only to say that this is the end, and waits for what became of all. */
  async finish(): Promise<SentChunks> {
    const { received, rejected: badLines } = this.share;
    await this.#send({ chunks: this.#chunk + 1, received, badLines, stopped: this.isHopeless });
    return this.#sender.settle();
  }

  async #reject(record: ImportRecord, error: LineError): Promise<void> {
    this.#rejected += 1;
    if (this.#errors.length < IMPORT_ERRORS) this.#errors.push(error);
    const { keptBadLines } = this.#dependencies.limits;
    if (this.#kept >= keptBadLines.lines || this.#keptBytes >= keptBadLines.bytes) return;
    const line = rejectedLineOf(record, error.message);
    const bytes = Buffer.byteLength(JSON.stringify(line));
    this.#kept += 1;
    this.#keptBytes += bytes;
    if (!this.#draft.hasRoomForBadLine(bytes)) await this.#send();
    this.#draft.addBadLine(line, bytes);
  }

  /** @param end of the last chunk alone */
  async #send(end?: ImportEnd): Promise<void> {
    const { importId, order, provenance } = this.#import;
    const { onDuplicate, startedAt } = order;
    const { rows, badLines } = this.#draft.take();
    const chunk = this.#chunk;
    this.#chunk += 1;
    const bad = badLines.length === 0 ? {} : { badLines };
    const type = order.dryRun ? 'TryImport' : 'ImportClients';
    const command = makeCommand<ImportCommandType>(
      importChunkId(importId, chunk),
      // What is absent counts as not being there, so an import of good lines has the fingerprint that it always had.
      fingerprintOf({
        onDuplicate,
        rows,
        last: end !== undefined,
        dryRun: order.dryRun || undefined,
        ...bad,
      }),
      {
        type,
        data: {
          importId,
          chunk,
          onDuplicate,
          startedAt,
          ...bad,
          ...(end === undefined ? {} : { end }),
          rows,
        },
      },
      provenance,
      this.#dependencies.now(),
    );
    await this.#sender.send(command);
  }
}
