import type { LogWriter } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { BrokerState } from '../broker-state.ts';
import type { OpenMailings } from '../mailings/open-mailings.ts';
import type { SenderMetrics } from '../metrics.ts';
import type { Claims } from '../ownership/claims.ts';
import type { LeaseOptions } from '../ownership/lease.ts';
import type { Provider } from '../provider/provider.ts';
import type { Directory } from '../recipients/directory.ts';
import type { WindowClock } from '../recipients/window-clock.ts';
import type { SteadyClock } from '../steady-clock.ts';
import type { CallSlots } from './call-slots.ts';
import type { Decisions } from './decisions.ts';
import type { LogReader } from './log-reader.ts';
import type { LookUp } from './look-up.ts';
import type { ParkedBatches } from './parked-batches.ts';
import type { transition } from './transition.ts';
import type { Undecidables } from './undecidables.ts';

/** What every batch works with; one for the whole sender. */
export interface BatchDependencies {
  readonly broker: BrokerState;
  readonly reader: LogReader;
  readonly writer: Pick<LogWriter, 'publish'>;
  readonly log: Logger;
  readonly metrics: SenderMetrics;
  readonly mailings: OpenMailings;
  readonly provider: Pick<Provider, 'admission' | 'mayBegin' | 'tokenRejected' | 'send'>;
  readonly directory: Pick<Directory, 'resolve' | 'restLeftMs'>;
  readonly windows: Pick<WindowClock, 'look' | 'untilOpening'>;
  readonly parked: ParkedBatches;
  readonly claims: Claims;
  readonly lookUp: LookUp;
  readonly decisions: Decisions;
  readonly transition: typeof transition;
  readonly undecidables: Undecidables;
  readonly slots: CallSlots;
  readonly lease: LeaseOptions;
  readonly idempotent: boolean;
  readonly refusalAttempts: number;
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: SteadyClock;
  /** An id that no event has had. */
  readonly newId: () => string;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
}
