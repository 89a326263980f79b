/** How much the gateway takes on at once, so that its memory is bounded whatever is sent (docs/adr/0031). */
export interface GatewayLimits {
  /** Connections at once; further ones are closed as they are accepted. */
  readonly connections: number;
  /** Requests being answered; those for `/healthz`, `/readyz` and `/metrics` are not counted. */
  readonly requests: number;
  /** Bytes of JSON bodies that are read or carried out, by what they say they have. */
  readonly bodyBytes: number;
  /** Imports under way. */
  readonly imports: number;
  /** Pages of the log that are put together. */
  readonly logPages: number;
  /** A JSON body must have come whole after so many milliseconds. */
  readonly bodyMs: number;
  /** An import must bring so many bytes in each stretch of so many milliseconds that it is waited for. */
  readonly importPace: Pace;
  /** An import ends after more bad lines than this, if the good ones are not more. */
  readonly badLines: number;
  /** Of an import so many bad lines are kept to be mended, and so many bytes of them (JSON); further ones are counted. */
  readonly keptBadLines: { readonly lines: number; readonly bytes: number };
  readonly files: FileLimits;
  readonly streams: StreamLimits;
  /** What is still read of a body after the answer, so that the answer is not lost with the connection. */
  readonly drain: Drain;
}

export interface FileLimits {
  /** Exports and proofs that are written at once. */
  readonly atOnce: number;
  /** Whoever takes less than 64 KiB in so many milliseconds has stopped taking the file. */
  readonly stallMs: number;
  /** How long a further piece may be away before the file is broken off, milliseconds. */
  readonly retryMs: number;
}

/** All times in milliseconds. */
export interface StreamLimits {
  /** Streams of events that are open at once. They are not counted among the requests. */
  readonly atOnce: number;
  /** How long one is open; each gets a time between these, so that not all come again at once. */
  readonly lifeMs: { readonly from: number; readonly to: number };
  readonly heartbeatMs: number;
  /** So much time lies between two events of a stream, and two readings of a mailing. */
  readonly betweenMs: number;
  /** An open mailing is read after so long even though nothing was heard of it. */
  readonly lookMs: number;
  /** Readings a second that changes lead to, of all mailings together. */
  readonly readsPerSecond: number;
  /** What is written in a second, to all streams together. */
  readonly budget: { readonly writes: number; readonly bytes: number };
}

export interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

export interface Drain {
  readonly bytes: number;
  readonly ms: number;
}

const MIB = 1_024 * 1_024;
const MINUTE_MS = 60_000;

export const GATEWAY_LIMITS: GatewayLimits = {
  connections: 3_500,
  requests: 512,
  bodyBytes: 8 * MIB,
  imports: 16,
  // Each takes some 2 MiB.
  logPages: 32,
  bodyMs: 20_000,
  importPace: { bytes: 16 * 1_024, ms: 30_000 },
  badLines: 10_000,
  keptBadLines: { lines: 1_000_000, bytes: 256 * MIB },
  files: { atOnce: 8, stallMs: 60_000, retryMs: 20_000 },
  streams: {
    atOnce: 1_500,
    // Load balancers end an answer after 15 minutes or more.
    lifeMs: { from: 10 * MINUTE_MS, to: 15 * MINUTE_MS },
    heartbeatMs: 15_000,
    betweenMs: 100,
    lookMs: 5_000,
    readsPerSecond: 50,
    budget: { writes: 2_000, bytes: 8 * MIB },
  },
  drain: { bytes: 32 * MIB, ms: 10_000 },
};
