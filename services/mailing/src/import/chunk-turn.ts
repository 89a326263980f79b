import { importChunkId } from '@herald/contracts';
import { sql } from 'kysely';
import type { Dependencies } from '../dependencies.ts';
import { currentPosition } from '../queries/current-position.ts';
import type { ImportCommand } from './import-command.ts';

/** Whether a chunk may be carried out now; if not, after how many milliseconds it is looked at again, and why. */
export type ChunkTurn =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly reason: 'order' | 'pace' | 'room' };

const PACE_DELAY_MS = 250;
/** A chunk takes about this long: one that has ten before it is looked at again after ten times as long. */
const CHUNK_MS = 50;
const LONGEST_DELAY_MS = 10_000;
/**
 * How long a chunk waits for others while none of its import is carried out. Their results may be gone for good, with a
 * database that was lost; then an order that nobody can know any more must not hold back what was accepted.
 */
const PATIENCE_MS = 10 * 60_000;
const MOST_WAITING = 10_000;
/** The progress of an import is counted no more often than this, milliseconds: thousands of its chunks may wait. */
const PROGRESS_MS = 1_000;
const MOST_IMPORTS = 1_000;

/** Decides when chunks have their turn: in the order that they ask for, and no faster than the directory follows. */
export class ChunkTurns {
  readonly #dependencies: Dependencies;
  /** Since when chunks wait here, by their ids. */
  readonly #waiting = new Map<string, number>();
  readonly #progress = new Map<string, CountedProgress>();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** A chunk that has its turn is to be told of when it has {@link ended}. @throws what the database throws; DirectoryNotReadyError */
  async look(command: ImportCommand): Promise<ChunkTurn> {
    const { database, importPace, now } = this.#dependencies;
    const { after = [] } = command.data;
    const turn: ChunkTurn = after.length === 0 ? { kind: 'now' } : await this.#lookAtOrder(command, after);
    if (turn.kind === 'later') return turn;
    const { importId } = command.data;
    const { sequence } = await currentPosition(database);
    const at = now().getTime();
    if (!importPace.hasRoom(importId))
      return { kind: 'later', delayMs: importPace.comesAgainAfter(at), reason: 'room' };
    if (importPace.mayBegin(importId, sequence, at)) return turn;
    return { kind: 'later', delayMs: PACE_DELAY_MS, reason: 'pace' };
  }

  /** A chunk that had its turn is over with: it is carried out, or comes again. */
  ended({ data }: ImportCommand): void {
    this.#dependencies.importPace.ended(data.importId);
  }

  /** A chunk is carried out. */
  carriedOut({ id }: ImportCommand): void {
    this.#waiting.delete(id);
  }

  async #lookAtOrder(command: ImportCommand, after: readonly number[]): Promise<ChunkTurn> {
    const { importId, chunk } = command.data;
    if (await areCarriedOut(this.#dependencies, importId, after)) return { kind: 'now' };
    const { done, latest } = await this.#progressOf(importId);
    const now = this.#dependencies.now().getTime();
    const since = this.#waiting.get(command.id) ?? now;
    if (now - Math.max(since, latest ?? 0) > PATIENCE_MS) {
      // It is remembered until it is carried out: the pace, or a failure, may bring it here again.
      this.#dependencies.runtime.log.warn({ importId, chunk, after }, 'a chunk no longer waits for others');
      return { kind: 'now' };
    }
    // Another instance may have carried out what waited here.
    if (this.#waiting.size >= MOST_WAITING) this.#waiting.clear();
    this.#waiting.set(command.id, since);
    const delayMs = Math.min(LONGEST_DELAY_MS, CHUNK_MS * Math.max(1, chunk - done));
    return { kind: 'later', delayMs, reason: 'order' };
  }

  async #progressOf(importId: string): Promise<Progress> {
    const now = this.#dependencies.now().getTime();
    const known = this.#progress.get(importId);
    if (known !== undefined && now - known.at < PROGRESS_MS) return known;
    const progress = await readProgress(this.#dependencies, importId);
    if (this.#progress.size >= MOST_IMPORTS) this.#progress.clear();
    this.#progress.set(importId, { ...progress, at: now });
    return progress;
  }
}

interface Progress {
  /** How many chunks of the import are carried out, and when the last one was (milliseconds since 1970). */
  readonly done: number;
  readonly latest: number | null;
}

type CountedProgress = Progress & { readonly at: number };

/** By their keys: the chunks of a large import are thousands of rows. */
async function areCarriedOut(
  { database }: Dependencies,
  importId: string,
  chunks: readonly number[],
): Promise<boolean> {
  const ids = chunks.map((chunk) => importChunkId(importId, chunk));
  const { rows } = await sql<{ found: number }>`
    select count(*)::int as found from command_result where command_id = any(${ids}::uuid[])`.execute(
    database,
  );
  return rows[0]?.found === ids.length;
}

async function readProgress({ database }: Dependencies, importId: string): Promise<Progress> {
  const { rows } = await sql<{ done: number; latest: Date | null }>`
    select count(*)::int as done, max(created_at) as latest
    from command_result where import_id = ${importId}`.execute(database);
  const row = rows[0] ?? { done: 0, latest: null };
  return { done: row.done, latest: row.latest?.getTime() ?? null };
}
