import type { Broker, Unhurried } from '@herald/event-log';
import type { Logger } from '@herald/service-kit';
import type { Kysely, Transaction } from 'kysely';
import type { FoldedEvent } from './chunk.ts';

export interface FoldOptions<Tables> {
  /** Names the checkpoint and the lock, unique in the schema. */
  readonly name: string;
  readonly schema: string;
  /** Which subjects are folded. */
  readonly filter: string;
  readonly broker: Broker;
  readonly database: Kysely<Tables>;
  readonly databaseUrl: string;
  readonly log: Logger;
  /** How many events one transaction holds at most. */
  readonly chunkEvents: number;
  /**
   * How many characters of events one transaction holds at most, unless a single event is longer; 4 Mi when absent.
   * Events differ a hundredfold in size: what the rows of one transaction weigh follows this, not their number. A fold
   * behind which `chunkEvents` or more wait takes twice as many, where one reading holds them.
   */
  readonly chunkCharacters?: number;
  /** How many bytes of events are read at a time at most, of which twice as many are held; 8 MiB when absent. */
  readonly readBytes?: number;
  /**
   * How long a fold that has caught up lets events gather for the next transaction, milliseconds; 0 when absent. A chunk
   * costs five round trips and a commit, which the writes that follow one another wait beside.
   */
  readonly gatherMs?: number;
  /** It gathers only where so many events came together: one write after another is folded at once. 1 when absent. */
  readonly gatherFrom?: number;
  /** What is folded together with what comes meanwhile: a transaction costs the same for one event as for ten. */
  readonly unhurried?: Unhurried;
  /** Makes the schema and its tables where they are missing. Called when a table turns out to be gone. */
  readonly prepare: () => Promise<unknown>;
  /**
   * Told of the events of a chunk before its transaction begins: here may be asked elsewhere what they mean. Where it fails
   * nothing is written, no event is blamed, and the fold tries again.
   */
  readonly lookAhead?: (events: readonly FoldedEvent[]) => Promise<void>;
  /**
   * Writes what the events mean. Runs in the transaction of the checkpoint, so each event counts exactly once. `isAlone`: a
   * chunk has failed, and each of its events is written by itself, to find the one that it lies in.
   */
  readonly apply: (
    transaction: Transaction<Tables>,
    events: readonly FoldedEvent[],
    isAlone: boolean,
  ) => Promise<void>;
  /** Told when this instance has taken over, and after each committed chunk. Must not throw. */
  readonly onActive?: () => void;
  readonly onCommitted?: (events: readonly FoldedEvent[]) => void;
  readonly onInactive?: () => void;
  /** How long the log must look like another one, without a break, until that is believed; 30,000 ms when absent. */
  readonly certainAfterMs?: number;
  /**
   * Told when the log begins to look like another one or cannot be read any further, and when that is over. Must not
   * throw.
   */
  readonly onDoubt?: (isDoubted: boolean) => void;
  /** Told when the fold has ended for good because the log is another one. Must not throw. */
  readonly onBroken?: () => void;
}
