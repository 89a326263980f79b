import type { Scenario } from '../bench.ts';
import { delivery } from './delivery.ts';
import { fanout } from './fanout.ts';
import { grown } from './grown.ts';
import { importing } from './import.ts';
import { latency } from './latency.ts';
import { moments } from './moments.ts';
import { replay } from './replay.ts';
import { replayOld } from './replay-old.ts';
import { rest } from './rest.ts';
import { restart } from './restart.ts';
import { senders } from './senders.ts';

/** In the order in which they run: those that share a system one behind another. */
export const SCENARIOS: readonly Scenario[] = [
  delivery,
  replay,
  rest,
  moments,
  importing,
  fanout,
  latency,
  senders,
  replayOld,
  grown,
  restart,
];

export const SCENARIO_NAMES = SCENARIOS.flatMap(({ names }) => names);
