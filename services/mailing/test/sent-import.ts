import {
  type CommandData,
  type CommandResult,
  commandSubjects,
  type ImportCommandType,
  importChunkId,
} from '@herald/contracts';
import type { MailingFixture } from './mailing-fixture.ts';

/** A part of an import, as a test names it. */
export type SentChunk = Omit<CommandData<'ImportClients'>, 'importId' | 'onDuplicate'> & {
  readonly onDuplicate?: 'reject' | 'update';
  readonly dryRun?: boolean;
};

/** Sends a part of an import as a gateway does, and waits for its result. */
export function importOf(
  fixture: MailingFixture,
  importId: string,
  { onDuplicate = 'reject', dryRun = false, ...chunk }: SentChunk,
): Promise<CommandResult> {
  const data = { importId, startedAt: '2026-01-31T09:00:00.000Z', onDuplicate, ...chunk };
  const type = dryRun ? 'TryImport' : 'ImportClients';
  const id = importChunkId(importId, chunk.chunk);
  return fixture.command<ImportCommandType>(
    { type, data },
    { id, subject: commandSubjects.import(importId) },
  );
}
