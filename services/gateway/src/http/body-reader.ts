import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import type { GatewayContext } from './context.ts';
import { tellToContinue } from './continue.ts';
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
 * Waits for the next bytes of a body, so many milliseconds at the most. Before it is late the socket is looked at once
 * more: after a stall of this process timers come before what has arrived in the meantime.
 *
 * @throws ProblemError when the connection breaks before the body has come whole
 */
export async function readPiece(incoming: IncomingMessage, withinMs: number): Promise<BodyPiece> {
  tellToContinue(incoming);
  const deadline = performance.now() + withinMs;
  let isLastLook = false;
  for (;;) {
    const bytes: Buffer | null = incoming.read();
    if (bytes !== null) return { kind: 'bytes', bytes };
    if (incoming.readableEnded) return { kind: 'end' };
    if (incoming.destroyed)
      throw new ProblemError(makeProblem('request-aborted', 'The connection was closed.'));
    const left = deadline - performance.now();
    if (left > 0) {
      await somethingHappens(incoming, left);
      continue;
    }
    if (isLastLook) return { kind: 'late' };
    isLastLook = true;
    // A whole turn of the event loop: one alone may come before the sockets are read.
    await setImmediate();
    await setImmediate();
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
    if (piece.kind === 'late') throw new SlowBodyError();
    const { bytes } = piece;
    meter.came(bytes.length, performance.now() - begin);
    for (let from = 0; from < bytes.length; from += LARGEST_PIECE) {
      yield bytes.subarray(from, from + LARGEST_PIECE);
    }
  }
}

/** Who is slow without end has to bring something in each so many milliseconds: that is no slow pace. */
const LEAST_WAIT_MS = 1;

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

  /**
   * Notes that so many bytes came after so many milliseconds. They were there in time, whatever the clock says: this
   * process may have stood still. Less than {@link LEAST_WAIT_MS} is left to nobody.
   */
  came(bytes: number, waitedMs: number): void {
    this.#bytes += bytes;
    this.#waitedMs = Math.min(this.#waitedMs + waitedMs, this.#pace.ms - LEAST_WAIT_MS);
    if (this.#bytes >= this.#pace.bytes) {
      this.#bytes = 0;
      this.#waitedMs = 0;
    }
  }
}
