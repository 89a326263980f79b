import {
  type CommandData,
  type ImportCommandType,
  type ImportSummary,
  importChunkId,
  importRecordQuery,
  importRejectedQuery,
  type RejectedLine,
} from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { GatewayBed } from './use-gateway.ts';

type Chunk = CommandData<ImportCommandType> & { readonly dryRun?: boolean };

/** What the mailing service tells of imports, from the chunks that the played one has received and has results of. */
export class PlayedImports {
  /** Answers nothing, as a service does that is away. */
  isAway = false;
  /** Answers so many pages of rejected lines, and then none. */
  pages = Number.POSITIVE_INFINITY;
  readonly #harness: GatewayBed;

  constructor(harness: GatewayBed) {
    this.#harness = harness;
  }

  async start(): Promise<void> {
    const { broker, log } = this.#harness.others;
    serveQuery(broker, log, importRecordQuery, async ({ importId }) => {
      if (this.isAway) throw new Error('away');
      return this.#record(importId);
    });
    serveQuery(broker, log, importRejectedQuery, async ({ importId, after }) => {
      if (this.isAway || this.pages === 0) throw new Error('away');
      this.pages -= 1;
      const chunk = this.#chunks(importId).find((one) => one.chunk > (after ?? -1));
      return { lines: chunk?.badLines ?? [], next: chunk?.chunk ?? null };
    });
    await broker.connection.flush();
  }

  /** Those that are carried out, each once, in their order. */
  #chunks(importId: string): Chunk[] {
    const chunks = new Map<number, Chunk>();
    for (const command of this.#harness.mailing.received) {
      if (command.type !== 'ImportClients' && command.type !== 'TryImport') continue;
      if (command.data.importId !== importId) continue;
      if (this.#summaryOf(command.data) !== undefined)
        chunks.set(command.data.chunk, { ...command.data, dryRun: command.type === 'TryImport' });
    }
    return [...chunks.values()].sort((a, b) => a.chunk - b.chunk);
  }

  #summaryOf({ importId, chunk }: Chunk): ImportSummary | undefined {
    const outcome = this.#harness.mailing.results.get(importChunkId(importId, chunk))?.outcome;
    return outcome?.kind === 'imported' ? outcome.summary : undefined;
  }

  #record(importId: string) {
    const chunks = this.#chunks(importId);
    const sum = (of: (chunk: Chunk) => number): number =>
      chunks.reduce((total, chunk) => total + of(chunk), 0);
    const badLines: RejectedLine[] = chunks.flatMap((chunk) => chunk.badLines ?? []);
    const [first] = chunks;
    return {
      record:
        first?.startedAt === undefined
          ? null
          : {
              onDuplicate: first.onDuplicate,
              dryRun: first.dryRun === true,
              startedAt: first.startedAt,
              end: chunks.findLast(({ end }) => end !== undefined)?.end ?? null,
            },
      chunksDone: chunks.length,
      registered: sum((chunk) => this.#summaryOf(chunk)?.registered ?? 0),
      updated: 0,
      rejected: badLines.length,
      badLines: badLines.length,
      latest: chunks.length === 0 ? null : '2026-01-31T09:00:00.000Z',
      errors: badLines.slice(0, 100).map(({ line, reason: message }) => ({ line, message })),
    };
  }
}
