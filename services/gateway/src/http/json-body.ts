import type { MiddlewareHandler } from 'hono';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import { contentTypeOf, unsupported } from './content-type.ts';
import type { GatewayEnv } from './context.ts';

/** Who sends a body of some kilobytes more slowly than this (milliseconds) only wants to keep the socket. */
const SLOWEST_BODY_MS = 20_000;

/**
 * Reads a JSON body within its bounds and hands it to the validators behind. They would read without a limit, and take
 * a missing body for an empty object.
 */
export function readJsonBody(types: readonly string[], limitBytes: number): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const type = contentTypeOf(context.req, types);
    const bytes = await readBounded(context.req.raw, limitBytes);
    if (bytes.length === 0)
      throw new ProblemError(makeProblem('body-missing', `Send ${types.join(' or ')}.`));
    if (type === undefined) throw unsupported(`Say the content type: ${types.join(' or ')}.`, types);
    const text = decode(bytes);
    // The one shape that the validators behind recognise in every case.
    context.req.raw.headers.set('content-type', type);
    Object.assign(context.req.bodyCache, { text: Promise.resolve(text) });
    await next();
  };
}

async function readBounded(request: Request, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = new ProblemError(makeProblem('body-too-large', `A body has at most ${limitBytes} bytes.`));
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge;
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void reader.cancel();
  }, SLOWEST_BODY_MS);
  try {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (late) throw new ProblemError(makeProblem('request-timeout', 'The body came too slowly.'));
      if (done) return Buffer.concat(parts);
      size += value.byteLength;
      if (size > limitBytes) throw tooLarge;
      parts.push(value);
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
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
