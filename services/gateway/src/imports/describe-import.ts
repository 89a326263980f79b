import type { AcceptedNote, LiveImport, StoredImport } from '@herald/contracts';
import type { ImportState } from '../schemas/import-result.ts';

/** An import that a gateway works on at this moment: nobody knows more of it. */
export function describeLive(id: string, live: LiveImport): ImportState {
  const { order, omitted, ...counts } = live;
  return { id, state: 'running', ...order, ...counts, rejectedOmitted: omitted, endedAt: null };
}

/**
 * An import that no gateway works on, from what is left of it: its note in the log of commands, which stays for a week, and
 * what the mailing service has stored. `null` where there is neither; where only an earlier release has told of it, too:
 * such a note does not say what was asked.
 */
export function describeStored(
  id: string,
  note: AcceptedNote | null,
  stored: StoredImport,
): ImportState | null {
  if (note?.kind === 'command') return null;
  const order = stored.record ?? note?.order;
  if (order === undefined) return null;
  const { onDuplicate, dryRun, startedAt } = order;
  const { registered, updated, errors, chunksDone } = stored;
  const end = stored.record?.end ?? endToldBy(note);
  const hasEnded = end !== null && chunksDone >= end.chunks;
  // Which bad lines are only counted is known when all is there that is kept.
  const omitted = hasEnded ? Math.max(0, end.badLines - stored.badLines) : 0;
  const rejected = stored.rejected + omitted;
  return {
    id,
    state: stateOf(end, hasEnded),
    onDuplicate,
    dryRun,
    received: end?.received ?? registered + updated + rejected,
    registered,
    updated,
    rejected,
    rejectedOmitted: omitted,
    startedAt,
    endedAt: hasEnded ? stored.latest : null,
    errors,
  };
}

type End = Pick<
  NonNullable<NonNullable<StoredImport['record']>['end']>,
  'chunks' | 'received' | 'badLines'
> & {
  readonly stopped?: boolean;
};

/** The note says that all was sent before the last chunk is carried out. */
const endToldBy = (note: Exclude<AcceptedNote, { kind: 'command' }> | null): End | null =>
  note?.kind === 'import' ? { chunks: note.chunks, received: note.received, badLines: note.rejected } : null;

function stateOf(end: End | null, hasEnded: boolean): ImportState['state'] {
  if (end === null) return 'interrupted';
  if (!hasEnded) return 'running';
  return end.stopped === true ? 'stopped' : 'completed';
}
