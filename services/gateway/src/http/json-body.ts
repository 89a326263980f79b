import type { IncomingMessage } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import type { JsonBodyBounds } from './body-bounds.ts';
import { incomingOf, readPiece } from './body-reader.ts';
import { contentTypeOf, unsupported } from './content-type.ts';
import type { GatewayEnv } from './context.ts';

/** From this size on (bytes) reading JSON waits for its turn: 250 kB took 5 to 10 ms. */
const LARGE = 16 * 1_024;

/**
 * Reads a JSON body within its bounds and hands it to the validators behind. They would read without a limit, and take
 * a missing body for an empty object.
 */
export function readJsonBody(
  types: readonly string[],
  bounds: JsonBodyBounds,
): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const type = contentTypeOf(context.req, types);
    const incoming = incomingOf(context);
    const announced = announcedBytes(incoming, bounds.bytes);
    if (announced > bounds.bytes) throw tooLarge(bounds.bytes);
    const giveBack = bounds.together.take(announced);
    if (giveBack === undefined) {
      throw new ProblemError(makeProblem('overloaded', 'Too many bodies are read at this moment.'));
    }
    try {
      const bytes = await readBounded(incoming, bounds);
      giveBack(bytes.length);
      if (bytes.length === 0)
        throw new ProblemError(makeProblem('body-missing', `Send ${types.join(' or ')}.`));
      if (type === undefined) throw unsupported(`Say the content type: ${types.join(' or ')}.`, types);
      if (bytes.length > LARGE) await bounds.turns.work();
      const text = decode(bytes);
      // The one shape that the validators behind recognise in every case. To set a header costs a copy of all of them.
      if (context.req.header('content-type') !== type) context.req.raw.headers.set('content-type', type);
      Object.assign(context.req.bodyCache, { text: Promise.resolve(text) });
      await next();
    } finally {
      giveBack();
    }
  };
}

const tooLarge = (limitBytes: number): ProblemError =>
  new ProblemError(makeProblem('body-too-large', `A body has at most ${limitBytes} bytes.`));

/** What a body says it has; one that says nothing may have all that is allowed. */
export function announcedBytes({ headers }: IncomingMessage, limitBytes: number): number {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : limitBytes;
}

async function readBounded(incoming: IncomingMessage, { bytes, ms }: JsonBodyBounds): Promise<Uint8Array> {
  const deadline = performance.now() + ms;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = await readPiece(incoming, deadline - performance.now());
    switch (piece.kind) {
      case 'late':
        throw new ProblemError(makeProblem('request-timeout', 'The body came too slowly.'));
      case 'end':
        return Buffer.concat(pieces);
      case 'bytes':
        size += piece.bytes.length;
        if (size > bytes) throw tooLarge(bytes);
        pieces.push(piece.bytes);
        break;
      default:
        piece satisfies never;
    }
  }
}

function decode(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(text);
    return text;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new ProblemError(makeProblem('body-not-json', 'The body is not JSON in UTF-8.'));
    }
    throw error;
  }
}
