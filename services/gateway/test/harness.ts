import { createRuntime, type Runtime } from '@herald/service-kit';
import { startGateway } from '../src/app.ts';
import { type GatewayConfig, gatewayConfig } from '../src/config.ts';
import type { GatewayLimits } from '../src/http/limits.ts';
import { PlayedMailing } from './played-mailing.ts';

export interface Harness {
  readonly url: string;
  readonly port: number;
  readonly gateway: Runtime;
  /** A runtime on which tests play the other services. */
  readonly others: Runtime;
  readonly mailing: PlayedMailing;
  /** Calls the API; `path` follows `/api/v1`. A body that is no text is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

/** An answer that was read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

/** Starts a gateway on a broker, and a played mailing service that leaves every command lying until told otherwise. */
export async function startHarness(
  natsUrl: string,
  config: Partial<GatewayConfig> = {},
  limits: Partial<GatewayLimits> = {},
): Promise<Harness> {
  const gateway = await createRuntime({
    service: 'gateway',
    instance: 'gateway-1',
    natsUrl,
    logLevel: 'silent',
  });
  const others = await createRuntime({
    service: 'mailing',
    instance: 'mailing-1',
    natsUrl,
    logLevel: 'silent',
  });
  const defaults = gatewayConfig.parse({ HOST: '127.0.0.1', PORT: 0 });
  const { port } = await startGateway(gateway, { ...defaults, ...config }, { limits });
  const mailing = new PlayedMailing(others);
  await mailing.start();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    gateway,
    others,
    mailing,
    call: (method, path, body, headers) => call(`${url}/api/v1${path}`, method, body, headers),
    stop: async () => {
      await gateway.stop();
      await others.stop();
    },
  };
}

async function call(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await fetch(url, {
    method,
    headers: body === undefined || isText ? headers : { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
