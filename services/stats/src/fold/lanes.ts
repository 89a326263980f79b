import { type Fold, foldHealth, startFold } from '@herald/postgres';
import { Gauge } from 'prom-client';
import type { Generation } from '../database/open-generation.ts';
import type { Tables } from '../database/tables.ts';
import type { Dependencies } from '../dependencies.ts';
import { announceChanges } from './announce-changes.ts';
import { applyEvents } from './apply-events.ts';
import { InvariantCheck } from './invariant-check.ts';
import { filterOf, laneName } from './lane-names.ts';

/**
 * Nobody waits for the statistics of a single event. A chunk costs as much as some hundred outcomes in it, most of that for
 * its round trips: at 4,000 outcomes a second the fold takes three times the processor with 25 ms (docs/adr/0036).
 */
const GATHER_MS = 100;

const CHUNK_EVENTS = 2_000;
/** A record holds up to 250 outcomes: this bounds what a chunk takes in memory. */
const CHUNK_CHARACTERS = 256 * 1024;
/** All lanes of an instance read so many bytes at a time together, and hold twice as many: a record may have 100 kB. */
const READ_BYTES = 4 * 1024 * 1024;

/** The folds of an instance, one for each lane. */
export type Lanes = ReadonlyMap<number, Fold>;

/** Clients are in no statistics. */
const isOfClient = (subject: string): boolean => CLIENT_SUBJECT.test(subject);
const CLIENT_SUBJECT = /^events\.\d+\.entity\.client\./;

/**
 * Starts a fold for each lane. Every instance tries for every lane, and each lane is folded by whoever has its lock;
 * when one instance dies the others take its lanes over. Which instance has how many is left to who comes first.
 */
export function startLanes(
  dependencies: Dependencies,
  generation: Generation,
  databaseUrl: string,
  count: number,
): Lanes {
  const { runtime, database } = dependencies;
  const invariant = new InvariantCheck(dependencies, count);
  runtime.onStop('invariant', () => invariant.stop());
  const lanes = new Map<number, Fold>();
  for (let lane = 0; lane < count; lane += 1) {
    const fold = startFold<Tables>({
      name: laneName(lane),
      schema: generation.schema,
      filter: filterOf(lane, count),
      broker: runtime.broker,
      database,
      databaseUrl,
      log: runtime.log,
      chunkEvents: CHUNK_EVENTS,
      chunkCharacters: CHUNK_CHARACTERS,
      readBytes: Math.floor(READ_BYTES / count),
      gatherMs: GATHER_MS,
      passes: isOfClient,
      prepare: generation.prepare,
      apply: (transaction, events) => applyEvents(transaction, lane, events),
      onCommitted: (events) => {
        invariant.committed(events);
        announceChanges(runtime.broker, events);
      },
    });
    lanes.set(lane, fold);
    runtime.onStop(laneName(lane), () => fold.stop());
    runtime.health.add(laneName(lane), () => foldHealth(fold.state));
  }
  measure(dependencies, lanes);
  return lanes;
}

function measure({ runtime }: Dependencies, lanes: Lanes): void {
  new Gauge({
    name: 'herald_stats_fold_behind',
    help: 'How many events of a lane wait to be folded; only from the instance that folds it.',
    labelNames: ['lane'],
    registers: [runtime.metrics],
    collect() {
      this.reset();
      for (const [lane, { state }] of lanes) {
        if (state.kind === 'folding') this.set({ lane: String(lane) }, state.behind);
      }
    },
  });
  new Gauge({
    name: 'herald_stats_parked_events',
    help: 'How many events could not be folded and wait in the table parked_event.',
    labelNames: ['lane'],
    registers: [runtime.metrics],
    collect() {
      this.reset();
      for (const [lane, { state }] of lanes) {
        if (state.kind === 'folding') this.set({ lane: String(lane) }, state.parked);
      }
    },
  });
}
