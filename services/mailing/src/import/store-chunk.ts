import {
  type CommandResult,
  commandOutcome,
  type ImportEnd,
  type ImportOrder,
  type RejectedLine,
} from '@herald/contracts';
import { type Kysely, sql } from 'kysely';
import { findResult } from '../commands/command-results.ts';
import { groupedByDatabase } from '../database/group-commit.ts';
import type { Tables } from '../database/tables.ts';
import type { ImportCommand } from './import-command.ts';

/** A chunk that was carried out, and the rows of it that were rejected. */
export interface CarriedChunk {
  readonly command: ImportCommand;
  readonly result: CommandResult;
  readonly rejected: readonly RejectedLine[];
}

/**
 * Stores what a chunk has come to, with all its rejected lines, as one row: they are those of the delivery whose result is
 * answered. The first and the last chunk also tell what was asked of the import, and how its reading ended. Where a result
 * is there already it stays, and is answered.
 */
export async function storeChunk(database: Kysely<Tables>, chunk: CarriedChunk): Promise<CommandResult> {
  const { result } = chunk;
  commandOutcome.parse(result.outcome);
  if (await insertChunk(database, chunk)) return result;
  return (await findResult(database, result.commandId)) ?? result;
}

/** Whether each was stored; `false` where a result is there already. */
const insertChunk = groupedByDatabase<CarriedChunk, boolean>(async (database, chunks) => {
  const records = recordsOf(chunks);
  const rejected = chunks.map(rejectedOf);
  const { rows } = await sql<{ command_id: string }>`
    with recorded as (
      insert into client_import as known
        (id, on_duplicate, dry_run, started_at, chunks, received, bad_lines, stopped)
      select * from unnest(
        ${records.map(({ id }) => id)}::uuid[], ${records.map(({ order }) => order.onDuplicate)}::text[],
        ${records.map(({ order }) => order.dryRun)}::boolean[],
        ${records.map(({ order }) => order.startedAt)}::timestamptz[],
        ${records.map(({ end }) => end?.chunks ?? null)}::int[],
        ${records.map(({ end }) => end?.received ?? null)}::int[],
        ${records.map(({ end }) => end?.badLines ?? null)}::int[],
        ${records.map(({ end }) => end?.stopped ?? null)}::boolean[])
      on conflict (id) do update set
        chunks = coalesce(excluded.chunks, known.chunks),
        received = coalesce(excluded.received, known.received),
        bad_lines = coalesce(excluded.bad_lines, known.bad_lines),
        stopped = coalesce(excluded.stopped, known.stopped)
    )
    insert into command_result
      (command_id, import_id, fingerprint, outcome, chunk, bad_lines, rejected_lines, rejected)
    select * from unnest(
      ${chunks.map(({ result }) => result.commandId)}::uuid[],
      ${chunks.map(({ command }) => command.data.importId)}::uuid[],
      ${chunks.map(({ result }) => result.fingerprint)}::text[],
      ${chunks.map(({ result }) => JSON.stringify(result.outcome))}::jsonb[],
      ${chunks.map(({ command }) => command.data.chunk)}::int[],
      ${chunks.map(({ command }) => command.data.badLines?.length ?? 0)}::int[],
      ${rejected.map((lines) => lines.length)}::int[],
      ${rejected.map((lines) => (lines.length === 0 ? null : JSON.stringify(lines)))}::json[])
    on conflict (command_id) do nothing
    returning command_id`.execute(database);
  const stored = new Set(rows.map((row) => row.command_id));
  // Of two under one id in a group the first is stored.
  return chunks.map(({ result }) => stored.delete(result.commandId.toLowerCase()));
});

/** All lines of a chunk that were not taken, whoever rejected them, by line. */
const rejectedOf = ({ command, rejected }: CarriedChunk): readonly RejectedLine[] => {
  const { badLines = [] } = command.data;
  if (badLines.length === 0) return rejected;
  return [...badLines, ...rejected].sort((a, b) => a.line - b.line);
};

interface NewRecord {
  readonly id: string;
  readonly order: ImportOrder;
  readonly end: ImportEnd | undefined;
}

/**
 * The imports of which the first or the last chunk is among these: the others would only lock the row. One record each, in
 * the order of their ids, so that no two services wait for each other. A gateway of an earlier release tells of none.
 */
function recordsOf(chunks: readonly CarriedChunk[]): NewRecord[] {
  const records = new Map<string, NewRecord>();
  for (const { type, data } of chunks.map(({ command }) => command)) {
    const { importId: id, onDuplicate, startedAt, end } = data;
    if (startedAt === undefined || (data.chunk > 0 && end === undefined)) continue;
    const order = { onDuplicate, dryRun: type === 'TryImport', startedAt };
    records.set(id, { id, order, end: end ?? records.get(id)?.end });
  }
  return [...records.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
