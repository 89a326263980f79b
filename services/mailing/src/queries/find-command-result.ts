import { type commandQuery, EVENTS_STREAM, eventSubjects } from '@herald/contracts';
import { loadLastMessage } from '@herald/event-log';
import type { z } from 'zod';
import { findResult } from '../commands/command-results.ts';
import type { Parts } from '../parts.ts';
import { untilFolded } from './current-position.ts';

/** The directory is behind the log by less than this most of the time, milliseconds. */
const FOLDED_WITHIN_MS = 2_000;

/**
 * The result of a command, if it was carried out.
 *
 * @throws DirectoryNotReadyError where it may be in the log and that is not folded in time
 */
export async function findCommandResult(
  { runtime, database }: Parts,
  { commandId, upToDate = false }: z.infer<typeof commandQuery.request>,
): Promise<z.infer<typeof commandQuery.reply>> {
  const result = await findResult(database, commandId);
  if (result !== null || !upToDate) return { result };
  const last = await loadLastMessage(runtime.broker, EVENTS_STREAM, eventSubjects.allEntities);
  await untilFolded(database, last?.seq ?? 0, FOLDED_WITHIN_MS);
  return { result: await findResult(database, commandId) };
}
