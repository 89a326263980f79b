/** PostgreSQL for read models: a pool on one schema, numbered migrations, and the fold of the log. */

export { acquireLock, type HeldLock } from './advisory-lock.ts';
export { answeredWithin } from './answered-within.ts';
export {
  type Checkpoint,
  CheckpointMovedError,
  LogReplacedError,
  moveCheckpoint,
  readCheckpoint,
} from './checkpoint.ts';
export { type FoldedEvent, type ParsedRecords, parseAll } from './chunk.ts';
export { applyEach, type Failed } from './commit-chunk.ts';
export { type DatabaseOptions, openDatabase } from './database.ts';
export { startFold } from './fold.ts';
export type { FoldOptions } from './fold-options.ts';
export { type Fold, type FoldState, foldHealth } from './fold-state.ts';
export { createFoldTables, type FoldTables, refuseOlderFolds } from './fold-tables.ts';
export { foldUpTo } from './fold-up-to.ts';
export { migrate } from './migrate.ts';
export { isOutage, isStructureGone, mayLieInRows } from './outage.ts';
export { park } from './parked-events.ts';
