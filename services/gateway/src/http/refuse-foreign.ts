import type { MiddlewareHandler } from 'hono';
import { makeProblem, ProblemError } from '../problems/problem.ts';
import type { GatewayEnv } from './context.ts';
import { type Exposure, foreignReason } from './exposure.ts';

/** 403 for what {@link foreignReason} finds, whatever it asks for. */
export function refuseForeign(exposure: Exposure): MiddlewareHandler<GatewayEnv> {
  return async (context, next) => {
    const { method } = context.req;
    const header = (name: string): string | undefined => context.req.header(name);
    // Hono's URL holds the host of an absolute target, which wins over the Host header (RFC 9112, 3.2.2).
    const host = header('host') === undefined ? undefined : new URL(context.req.url).host;
    const reason = foreignReason({ method, host, header }, exposure);
    if (reason !== undefined) throw new ProblemError(makeProblem('request-foreign', reason));
    await next();
  };
}
