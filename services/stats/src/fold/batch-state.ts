import { BatchOutcomes } from '../database/batch-outcomes.ts';

/** A batch as the fold works on it: which messages it holds, and what became of them so far. */
export interface BatchState {
  readonly mailingId: string;
  readonly batch: number;
  readonly firstMessageId: number;
  readonly messages: number;
  /** When it was queued, milliseconds since 1970. */
  readonly queuedAt: number;
  /** Null where nothing has happened yet. */
  outcomes: BatchOutcomes | null;
  /** Whether the outcomes are to be written. */
  isChanged: boolean;
}

/** Names a batch within a chunk. */
export const batchKey = (mailingId: string, batch: number): string => `${mailingId}.${batch}`;

/** The outcomes of a batch, made where nothing has happened yet. */
export function outcomesFor(state: BatchState): BatchOutcomes {
  state.outcomes ??= BatchOutcomes.none(state.messages);
  return state.outcomes;
}
