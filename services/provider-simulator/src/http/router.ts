import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { SendHandler } from '../send/send-handler.ts';
import { sendProblem } from './problem.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/** Handlers by path, then by method. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

const SEND_PREFIX = '/v1/send/';

/** @param send null on the control port, which does not serve the provider's protocol */
export function createRouter(routes: Routes, send: SendHandler | null, logger: Logger): RequestListener {
  return (request, response) => {
    const target = request.url ?? '/';
    if (send !== null && request.method === 'POST' && target.startsWith(SEND_PREFIX)) {
      const query = target.indexOf('?');
      send(request, response, target.slice(SEND_PREFIX.length, query === -1 ? undefined : query));
      return;
    }
    serve(routes, request, response).catch((error: unknown) => {
      logger.error({ err: error, method: request.method }, 'a request could not be served');
      if (response.headersSent) response.destroy();
      else sendProblem(response, 500, 'unexpected error');
    });
  };
}

async function serve(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const base = 'http://simulator';
  const url = URL.canParse(request.url ?? '/', base) ? new URL(request.url ?? '/', base) : null;
  const methods = url !== null && Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (url === null || methods === undefined) return sendProblem(response, 404, 'there is no such route');
  const method = request.method ?? '';
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler === undefined) {
    response.setHeader('Allow', Object.keys(methods).join(', '));
    return sendProblem(response, 405, `${method} is not served here`);
  }
  await handler(request, response, url);
}
