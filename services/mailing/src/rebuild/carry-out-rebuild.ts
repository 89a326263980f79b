import { setTimeout as sleep } from 'node:timers/promises';
import type { RebuildDifference } from '@herald/contracts';
import type { Dependencies } from '../dependencies.ts';
import { lastEntity } from '../fold/look-ahead.ts';
import { DirectoryNotReadyError, untilFolded } from '../queries/current-position.ts';
import { analyzeRebuilt, type Candidates, compareModels } from './compare-models.ts';
import { mergeResults } from './merge-results.ts';
import { ProgressReport } from './progress-report.ts';
import { ShadowModel, type ShadowOptions } from './shadow-model.ts';
import { type Switched, switchModels } from './switch-models.ts';
import type { Touched } from './touched.ts';

/** A model that comes to where the log is within this has caught up, milliseconds. */
const CAUGHT_UP_MS = 1_000;
/** How long the live model is waited for where the rebuilt one is ahead of it, milliseconds. */
const LIVE_WITHIN_MS = 5_000;
/** So often all tables are asked for at once before the rebuilt model catches up anew. */
const SWITCH_TRIES = 5;
const SWITCH_RETRY_MS = 200;

/**
 * Makes the directory anew: folds the log into tables beside the live ones, compares both, and puts the new ones in the place of
 * the old. Whatever was begun of it before goes on.
 *
 * @throws where it can never be done; and what the database throws, and the signal's reason: then it is to be tried again
 */
export async function carryOutRebuild(
  dependencies: Dependencies,
  options: ShadowOptions,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { runtime } = dependencies;
  const shadow = await ShadowModel.open(dependencies, options, id);
  const report = new ProgressReport(dependencies, shadow, id);
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  report.start((error) => ending.abort(error));
  // Results of commands are mended where they are found, so each is found once.
  const mended: RebuildDifference[] = [];
  try {
    for (;;) {
      report.enter('folding');
      shadow.start();
      await catchUp(dependencies, shadow, either);
      await shadow.makeIndexes();
      await catchUp(dependencies, shadow, either);
      report.enter('comparing');
      const compared = await compare(dependencies, shadow, mended, either);
      report.enter('switching');
      await report.pause();
      const switched = await trySwitch(
        dependencies,
        { id, shadow, ...compared, differences: mended },
        either,
      );
      if (switched.kind === 'switched') {
        const { differences, heldMs } = switched;
        runtime.log.info(
          { rebuild: id, differences, heldMs: Math.round(heldMs) },
          'the directory is rebuilt',
        );
        return;
      }
      runtime.log.info({ rebuild: id, reason: switched.kind }, 'the rebuilt directory catches up once more');
      report.start((error) => ending.abort(error));
    }
  } finally {
    await report.pause();
    await shadow.close();
  }
}

/** Resolves when the model is where the log is, or so near that the rest takes no time. */
async function catchUp({ runtime }: Dependencies, shadow: ShadowModel, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (shadow.broken !== undefined) throw new Error(shadow.broken);
    // The broker may be away: the fold waits for it, and so do we.
    const end = await lastEntity(runtime.broker).catch(() => Number.POSITIVE_INFINITY);
    const begin = performance.now();
    while (!hasReached(shadow, end) && performance.now() - begin < CAUGHT_UP_MS) {
      signal.throwIfAborted();
      if (shadow.broken !== undefined) break;
      await shadow.next(CAUGHT_UP_MS, signal);
    }
    if (hasReached(shadow, end)) return;
  }
}

const hasReached = ({ state }: ShadowModel, position: number): boolean =>
  state?.kind === 'folding' && state.sequence >= position;

interface Compared {
  readonly candidates: Candidates;
  readonly touched: Touched;
}

async function compare(
  dependencies: Dependencies,
  shadow: ShadowModel,
  mended: RebuildDifference[],
  signal: AbortSignal,
): Promise<Compared> {
  await shadow.pause();
  await liveIsThere(dependencies, shadow);
  for (const difference of await mergeResults(dependencies.database)) mended.push(difference);
  signal.throwIfAborted();
  const touched = shadow.watch();
  shadow.start();
  await analyzeRebuilt(dependencies.database);
  const candidates = await compareModels(dependencies.database);
  signal.throwIfAborted();
  await catchUp(dependencies, shadow, signal);
  return { candidates, touched };
}

/** Waits for the live model; one that stands still is replaced all the same. */
async function liveIsThere({ database, runtime }: Dependencies, shadow: ShadowModel): Promise<void> {
  try {
    await untilFolded(database, await shadow.position(), LIVE_WITHIN_MS);
  } catch (error) {
    if (!(error instanceof DirectoryNotReadyError)) throw error;
    runtime.log.warn({ err: error }, 'the live directory is behind the rebuilt one');
  }
}

async function trySwitch(
  dependencies: Dependencies,
  switching: Parameters<typeof switchModels>[1],
  signal: AbortSignal,
): Promise<Switched> {
  const { shadow } = switching;
  await shadow.pause();
  await liveIsThere(dependencies, shadow);
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    const switched = await switchModels(dependencies, switching, tries);
    if (switched.kind !== 'busy' || tries >= SWITCH_TRIES) return switched;
    await sleep(SWITCH_RETRY_MS * tries);
  }
}
