import type { IncomingMessage } from 'node:http';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import type { GatewayContext } from './context.ts';
import type { Pace } from './limits.ts';

/** What reading a body a bit further has led to. */
export type BodyPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'late' };

/** An import came more slowly than {@link Pace} asks for. */
export class SlowBodyError extends Error {
  override readonly name = 'SlowBodyError';
}

/** The request as Node has it. Reading it leaves the connection open where a web stream, cancelled, would cut it. */
export function incomingOf(context: GatewayContext): IncomingMessage {
  const { incoming } = context.env;
  if (incoming === undefined || !('socket' in incoming))
    throw new Error('the request has not come through HTTP/1');
  return incoming as IncomingMessage;
}

/**
 * Waits for the next bytes of a body, so many milliseconds at the most.
 *
 * @throws ProblemError when the connection breaks before the body has come whole
 */
export async function readPiece(incoming: IncomingMessage, withinMs: number): Promise<BodyPiece> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const bytes: Buffer | null = incoming.read();
    if (bytes !== null) return { kind: 'bytes', bytes };
    if (incoming.readableEnded) return { kind: 'end' };
    if (incoming.destroyed)
      throw new ProblemError(makeProblem('request-aborted', 'The connection was closed.'));
    const left = deadline - performance.now();
    if (left <= 0) return { kind: 'late' };
    await somethingHappens(incoming, left);
  }
}

function somethingHappens(incoming: IncomingMessage, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const event of ['readable', 'end', 'error', 'close']) incoming.off(event, done);
      resolve();
    };
    const timer = setTimeout(done, withinMs);
    for (const event of ['readable', 'end', 'error', 'close']) incoming.on(event, done);
  });
}

/** Pieces are cut to this size (bytes): what is done with one must not hold the process up. */
const LARGEST_PIECE = 4 * 1_024;

/**
 * The body of an import. Time in which nobody asks for more does not count.
 *
 * @throws SlowBodyError when it comes too slowly; ProblemError when the connection breaks
 */
export async function* readPaced(incoming: IncomingMessage, pace: Pace): AsyncGenerator<Uint8Array> {
  const meter = new PaceMeter(pace);
  for (;;) {
    const begin = performance.now();
    const piece = await readPiece(incoming, meter.leftMs);
    if (piece.kind === 'end') return;
    const bytes = piece.kind === 'bytes' ? piece.bytes : new Uint8Array();
    if (piece.kind === 'late' || !meter.keepsUp(bytes.length, performance.now() - begin))
      throw new SlowBodyError();
    for (let from = 0; from < bytes.length; from += LARGEST_PIECE) {
      yield bytes.subarray(from, from + LARGEST_PIECE);
    }
  }
}

/** Measures stretches of waiting; one is over as soon as it has brought its bytes. */
export class PaceMeter {
  readonly #pace: Pace;
  #bytes = 0;
  #waitedMs = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** How long may still be waited for bytes, milliseconds. */
  get leftMs(): number {
    return this.#pace.ms - this.#waitedMs;
  }

  /** Notes that so many bytes came after so many milliseconds; false when that is too slow. */
  keepsUp(bytes: number, waitedMs: number): boolean {
    this.#bytes += bytes;
    this.#waitedMs += waitedMs;
    if (this.#bytes >= this.#pace.bytes) {
      this.#bytes = 0;
      this.#waitedMs = 0;
    }
    return this.leftMs > 0;
  }
}
