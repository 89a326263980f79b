import { type commandQuery, EVENTS_STREAM, eventSubjects } from '@herald/contracts';
import { loadLastMessage } from '@herald/event-log';
import type { z } from 'zod';
import { findResult, lookForResult } from '../commands/command-results.ts';
import { findUnfolded } from '../commands/told-result.ts';
import type { Dependencies } from '../dependencies.ts';
import { untilFolded } from './current-position.ts';

/** The directory is behind the log by less than this most of the time, milliseconds. */
const FOLDED_WITHIN_MS = 2_000;

/**
 * The result of a command, if it was carried out. What is not folded yet is found among the events of its entity; that it
 * was not carried out can only be said when all is folded that stands in the log now: under the same id somebody may have
 * sent something about another entity.
 *
 * @throws DirectoryNotReadyError where it may be in the log and that is not folded in time
 */
export async function findCommandResult(
  { runtime, database }: Dependencies,
  { commandId, subject, upToDate = true }: z.infer<typeof commandQuery.request>,
): Promise<z.infer<typeof commandQuery.reply>> {
  if (!upToDate) return { result: await findResult(database, commandId) };
  const stored = await lookForResult(database, commandId);
  if (stored.kind === 'stored') return { result: stored.result };
  if (subject !== undefined) {
    const result = await findUnfolded(runtime.broker, subject, commandId, stored.folded);
    if (result !== null) return { result };
  }
  const last = await loadLastMessage(runtime.broker, EVENTS_STREAM, eventSubjects.allEntities);
  await untilFolded(database, last?.seq ?? 0, FOLDED_WITHIN_MS);
  return { result: await findResult(database, commandId) };
}
