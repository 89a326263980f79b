import { importChunkId } from '@herald/contracts';
import { sql } from 'kysely';
import type { Parts } from '../parts.ts';
import { currentPosition } from '../queries/current-position.ts';
import type { ImportCommand } from './import-command.ts';

/** Whether a chunk may be carried out now; if not, after how many milliseconds it is looked at again, and why. */
export type ChunkTurn =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly delayMs: number; readonly reason: 'order' | 'pace' };

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

/** Decides when chunks have their turn: in the order that they ask for, and no faster than the directory follows. */
export class ChunkTurns {
  readonly #parts: Parts;
  /** Since when chunks wait here, by their ids. */
  readonly #waiting = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws what the database throws */
  async look(command: ImportCommand): Promise<ChunkTurn> {
    const { database, importPace, now } = this.#parts;
    const { after = [] } = command.data;
    const turn: ChunkTurn = after.length === 0 ? { kind: 'now' } : await this.#lookAtOrder(command, after);
    if (turn.kind === 'later') return turn;
    const { sequence } = await currentPosition(database);
    if (importPace.mayBegin(command.data.importId, sequence, now().getTime())) return turn;
    return { kind: 'later', delayMs: PACE_DELAY_MS, reason: 'pace' };
  }

  async #lookAtOrder(command: ImportCommand, after: readonly number[]): Promise<ChunkTurn> {
    const { importId, chunk } = command.data;
    const progress = await readProgress(this.#parts, importId, after);
    const now = this.#parts.now().getTime();
    const since = this.#waiting.get(command.id) ?? now;
    const isLost = now - Math.max(since, progress.latest ?? 0) > PATIENCE_MS;
    if (progress.before === after.length) {
      this.#waiting.delete(command.id);
      return { kind: 'now' };
    }
    if (isLost) {
      this.#parts.runtime.log.warn({ importId, chunk, after }, 'a chunk no longer waits for others');
      return { kind: 'now' };
    }
    // Another instance may have carried out what waited here.
    if (this.#waiting.size >= MOST_WAITING) this.#waiting.clear();
    this.#waiting.set(command.id, since);
    const delayMs = Math.min(LONGEST_DELAY_MS, CHUNK_MS * Math.max(1, chunk - progress.done));
    return { kind: 'later', delayMs, reason: 'order' };
  }
}

interface Progress {
  /** How many of the chunks waited for are carried out. */
  readonly before: number;
  /** How many of all chunks of the import are, and when the last one was (milliseconds since 1970). */
  readonly done: number;
  readonly latest: number | null;
}

async function readProgress(
  { database }: Parts,
  importId: string,
  after: readonly number[],
): Promise<Progress> {
  const ids = after.map((chunk) => importChunkId(importId, chunk));
  const { rows } = await sql<{ before: number; done: number; latest: Date | null }>`
    select count(*) filter (where command_id = any(${ids}::uuid[]))::int as before,
      count(*)::int as done, max(created_at) as latest
    from command_result where import_id = ${importId}`.execute(database);
  const row = rows[0] ?? { before: 0, done: 0, latest: null };
  return { ...row, latest: row.latest?.getTime() ?? null };
}
