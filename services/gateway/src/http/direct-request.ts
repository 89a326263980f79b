import type { ServerResponse } from 'node:http';
import { incomingOf } from './body-reader.ts';
import type { GatewayContext } from './context.ts';
import { CORRELATION_HEADER } from './correlation.ts';
import type { DirectRequest } from './direct-answer.ts';

/** A request as Node has it, for an answer that is written directly. */
export function directRequestOf(context: GatewayContext): DirectRequest {
  const { outgoing } = context.env;
  if (outgoing === undefined || !('socket' in outgoing))
    throw new Error('the request has not come through HTTP/1');
  const correlationId = context.get('correlationId');
  return {
    incoming: incomingOf(context),
    outgoing: outgoing as ServerResponse,
    headers: { [CORRELATION_HEADER]: correlationId },
    about: { correlationId, route: context.get('route'), ...context.get('about') },
  };
}
