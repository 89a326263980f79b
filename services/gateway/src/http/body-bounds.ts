import type { Allowance } from './allowance.ts';
import type { LoopTurns } from './loop-turns.ts';

export interface JsonBodyBounds {
  /** Of one body. */
  readonly bytes: number;
  /** How long one may take to come, milliseconds. */
  readonly ms: number;
  /** Bytes of all bodies together, what they announce until they are read, then what they have until they are answered. */
  readonly together: Allowance;
  readonly turns: LoopTurns;
}
