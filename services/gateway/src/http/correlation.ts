import { newId } from '@herald/contracts';
import type { MiddlewareHandler } from 'hono';
import type { GatewayEnv } from './context.ts';

export const CORRELATION_HEADER = 'X-Correlation-Id';
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/, version 00. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The sender's correlation id where it is fit for logs and headers, else a new one. */
export const correlationIdFrom = (given: string | undefined): string =>
  given !== undefined && ACCEPTABLE.test(given) ? given : newId();

/** The trace that the request belongs to, to be carried on with its command; `undefined` when there is none. */
export const traceparentFrom = (given: string | undefined): string | undefined =>
  given !== undefined && TRACEPARENT.test(given) ? given : undefined;

/** Gives every request its correlation id, and every answer too. */
export const correlate: MiddlewareHandler<GatewayEnv> = async (context, next) => {
  const correlationId = correlationIdFrom(context.req.header(CORRELATION_HEADER));
  context.set('correlationId', correlationId);
  context.set('route', 'none');
  context.set('about', {});
  await next();
  context.res.headers.set(CORRELATION_HEADER, correlationId);
};
