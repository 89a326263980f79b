/** Records that nobody waits for. */
export interface Unhurried {
  readonly isOne: (subject: string) => boolean;
  /** By itself such a record waits so long for others, milliseconds. */
  readonly forMs: number;
}

/** What is read of the log, and how. */
export interface ReadOptions {
  /** A subject, with or without wildcards. */
  readonly filter: string;
  /** The first position that may be read, from 1. */
  readonly startSequence: number;
  /** How many records one chunk holds at most; twice as many are held in memory at the most. */
  readonly chunkRecords?: number;
  /**
   * How many bytes the records of one chunk have at most, 8 MiB when absent; a record that has more comes alone. Records
   * differ a thousandfold in size: what a reader takes in memory follows this, not their number.
   */
  readonly chunkBytes?: number;
  /**
   * Whether a reader that has caught up gets together what came while it rested, when it comes for more. Else each record
   * is sent as soon as it is stored, which costs the server (2.9.10) some 150 µs for each, and the reader a read.
   */
  readonly inBursts?: boolean;
  /** What is handed over only some time after it could be, or with what comes meanwhile. */
  readonly unhurried?: Unhurried;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** Comes to an end when everything that stands there now, as the leader knows it, was read. */
  readonly stopAtEnd?: boolean;
  /** Told how many records wait, each time the reader has made its consumer. Must not throw. */
  readonly onPending?: (pending: number) => void;
  readonly say?: (event: string, details: Record<string, unknown>) => void;
}
