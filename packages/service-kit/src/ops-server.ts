import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';

/** What `/healthz`, `/readyz` and `/metrics` answer, for any HTTP server. */
export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers one of the three routes; `null` for every other path. */
export async function answerOps(path: string, health: Health, metrics: Registry): Promise<OpsAnswer | null> {
  switch (path) {
    case '/healthz':
      return json(200, { status: 'alive' });
    case '/readyz': {
      const problems = await health.problems();
      const ready = Object.keys(problems).length === 0;
      return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not-ready', problems });
    }
    case '/metrics':
      return { status: 200, contentType: metrics.contentType, body: await metrics.metrics() };
    default:
      return null;
  }
}

const json = (status: number, body: unknown): OpsAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

/** A small HTTP server with the three routes alone, for services that have no HTTP of their own. */
export async function startOpsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Registry;
}): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    answerOps(path, options.health, options.metrics).then(
      (answer) => write(response, answer ?? { status: 404, contentType: 'text/plain', body: 'not found\n' }),
      (error) => write(response, { status: 500, contentType: 'text/plain', body: `${error}\n` }),
    );
  });
  await listen(server, options.port, options.host);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function write(response: ServerResponse, answer: OpsAnswer): void {
  response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
