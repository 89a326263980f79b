import type { Broker, LogWriter } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { CallSlots } from '../delivery/call-slots.ts';
import type { OpenMailings } from '../mailings/open-mailings.ts';
import type { SenderMetrics } from '../metrics.ts';
import type { Provider } from '../provider/provider.ts';
import type { Claims } from './claims.ts';
import type { Decisions } from './decisions.ts';
import type { Directory } from './directory.ts';
import type { LeaseOptions } from './lease.ts';
import type { LookUp } from './look-up.ts';
import type { ParkedBatches } from './parked-batches.ts';
import type { Undecidables } from './undecidables.ts';
import type { WindowClock } from './window-clock.ts';

/** What every batch works with; one for the whole sender. */
export interface BatchTools {
  readonly broker: Broker;
  readonly writer: LogWriter;
  readonly log: Logger;
  readonly metrics: SenderMetrics;
  readonly mailings: OpenMailings;
  readonly provider: Provider;
  readonly directory: Directory;
  readonly windows: WindowClock;
  readonly parked: ParkedBatches;
  readonly claims: Claims;
  readonly lookUp: LookUp;
  readonly decisions: Decisions;
  readonly undecidables: Undecidables;
  readonly slots: CallSlots;
  readonly lease: LeaseOptions;
  readonly idempotent: boolean;
  readonly refusalAttempts: number;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}
