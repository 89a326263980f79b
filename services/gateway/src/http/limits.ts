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
  /** What is still read of a body after the answer, so that the answer is not lost with the connection. */
  readonly drain: Drain;
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
  drain: { bytes: 32 * MIB, ms: 10_000 },
};
