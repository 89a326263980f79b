import {
  IMPORT_CHUNK,
  IMPORT_ERRORS,
  type ImportRow,
  importChunkId,
  makeCommand,
  type Provenance,
} from '@herald/contracts';
import { fingerprintOf } from '../../commands/fingerprint.ts';
import type { GatewayDependencies } from '../../http/context.ts';
import { checkRow } from './check-row.ts';
import type { ChunkSender, SentChunks } from './chunk-sender.ts';
import type { ImportRecord } from './import-record.ts';
import type { GatewayShare, LineError } from './import-total.ts';

export interface ImportOrder {
  readonly importId: string;
  readonly onDuplicate: 'reject' | 'update';
  readonly provenance: Provenance;
}

/**
 * Checks the records of one import and cuts what is good into chunks. A chunk's id and fingerprint follow from the
 * import, its place and its rows, so that a repeat under the same key sends the same commands. A chunk is held back
 * until it is known whether it is the last: that is part of its fingerprint, or a longer file with the same beginning
 * would pass for the same one.
 */
export class ImportRun {
  readonly #dependencies: GatewayDependencies;
  readonly #order: ImportOrder;
  readonly #sender: ChunkSender;
  #rows: ImportRow[] = [];
  #chunk = 0;
  #received = 0;
  #rejected = 0;
  readonly #errors: LineError[] = [];

  constructor(dependencies: GatewayDependencies, order: ImportOrder, sender: ChunkSender) {
    this.#dependencies = dependencies;
    this.#order = order;
    this.#sender = sender;
  }

  /** What the gateway itself has to say of the lines so far. */
  get share(): GatewayShare {
    return { received: this.#received, rejected: this.#rejected, errors: this.#errors };
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
      if ('row' in checked) this.#rows.push(checked.row);
      else this.#reject(checked.error);
      if (this.#rows.length > IMPORT_CHUNK) await this.#send(this.#rows.splice(0, IMPORT_CHUNK), false);
    }
  }

  /** Sends the rest and waits for what became of all. */
  async finish(): Promise<SentChunks> {
    if (this.#rows.length > 0) await this.#send(this.#rows, true);
    return this.#sender.settle();
  }

  #reject(error: LineError): void {
    this.#rejected += 1;
    if (this.#errors.length < IMPORT_ERRORS) this.#errors.push(error);
  }

  async #send(rows: ImportRow[], last: boolean): Promise<void> {
    const { importId, onDuplicate, provenance } = this.#order;
    const chunk = this.#chunk;
    this.#chunk += 1;
    const command = makeCommand<'ImportClients'>(
      importChunkId(importId, chunk),
      fingerprintOf({ onDuplicate, rows, last }),
      { type: 'ImportClients', data: { importId, chunk, onDuplicate, rows } },
      provenance,
      this.#dependencies.now(),
    );
    await this.#sender.send(command);
  }
}
